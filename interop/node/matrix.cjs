'use strict';
// Clients that know nothing of errwire. One of them, read from stdin,
//
//   {"client": "grpcjs", "grpc": "http://127.0.0.1:1", "connect": "http://127.0.0.1:2",
//    "firebase": "http://127.0.0.1:3", "procedure": "/a.B/C", "count": 19}
//
// makes call 0 to count-1 and prints what it saw of each:
//
//   [{"code": 5, "message": "…", "details": [{"type": "a.B", "value": "base64"}]}]
//
// grpc-js leaves google.rpc.Status to its user: "status" is its bytes in base64.
const fs = require('fs');
const https = require('https');
const net = require('net');
const grpc = require('@grpc/grpc-js');
const {createClient, ConnectError} = require('@connectrpc/connect');
const {createConnectTransport, createGrpcTransport} = require('@connectrpc/connect-node');
const {EmptySchema} = require('@bufbuild/protobuf/wkt');
const admin = require('firebase-admin');

const order = JSON.parse(fs.readFileSync(0, 'utf8'));
const indexes = [...Array(order.count).keys()];

function grpcjs() {
  const client = new grpc.Client(new URL(order.grpc).host, grpc.credentials.createInsecure(), {'grpc.enable_retries': 0});
  const bytes = (message) => message;
  return Promise.all(indexes.map((i) => new Promise((resolve) => {
    const metadata = new grpc.Metadata();
    metadata.set('outcome', String(i));
    client.makeUnaryRequest(order.procedure, bytes, bytes, Buffer.alloc(0), metadata, {}, (err) => {
      const [status] = err.metadata.get('grpc-status-details-bin');
      resolve({code: err.code, message: err.details, status: status ? status.toString('base64') : ''});
    });
  })));
}

function connect(transport) {
  const [, typeName, name] = order.procedure.split('/');
  const service = {kind: 'service', typeName, file: {deps: []}, methods: [], method: {}};
  const method = {kind: 'rpc', parent: service, name, localName: 'call', methodKind: 'unary', input: EmptySchema, output: EmptySchema, idempotency: 0};
  service.methods.push(method);
  service.method.call = method;
  const client = createClient(service, transport);
  return Promise.all(indexes.map(async (i) => {
    try {
      await client.call({}, {headers: {outcome: String(i)}});
    } catch (err) {
      const e = ConnectError.from(err);
      return {
        code: e.code, message: e.rawMessage,
        details: e.details.map((d) => ({type: d.type, value: Buffer.from(d.value).toString('base64')})),
      };
    }
    return {code: 0, message: ''};
  }));
}

// The SDK knows one host only; its agent connects to ours instead.
class Redirect extends https.Agent {
  createConnection(options, done) {
    const {hostname, port} = new URL(order.firebase);
    return net.connect({host: hostname, port: Number(port)}, done);
  }
}

function firebase() {
  const app = admin.initializeApp({
    projectId: 'library',
    httpAgent: new Redirect(),
    credential: {getAccessToken: async () => ({access_token: 'none', expires_in: 3600})},
  });
  return Promise.all(indexes.map(async (i) => {
    try {
      await admin.messaging(app).send({token: String(i)});
    } catch (err) {
      return {reason: err.code, message: err.message};
    }
    return {};
  }));
}

const clients = {
  grpcjs,
  connectGRPC: () => connect(createGrpcTransport({baseUrl: order.grpc})),
  connect: () => connect(createConnectTransport({baseUrl: order.connect, httpVersion: '1.1'})),
  connectBinary: () => connect(createConnectTransport({baseUrl: order.connect, httpVersion: '1.1', useBinaryFormat: true})),
  firebase,
};

(async () => {
  const seen = await clients[order.client]();
  process.stdout.write(JSON.stringify(seen), () => process.exit(0));
})().catch((err) => {
  console.error(err);
  process.exit(1);
});
