'use strict';
// Servers that know nothing of errwire, until stdin ends. From its first line,
//
//   {"procedure": "/a.B/C", "errors": [{"code": 5, "message": "…", "status": "base64",
//     "details": [{"type": "a.B", "value": "base64"}]}]}
//
// they know the errors; a call fails with the one whose number it has in the
// metadata "outcome". They print where they are:
//
//   {"grpcjs": "127.0.0.1:1", "connectHTTP1": "127.0.0.1:2", "connectHTTP2": "127.0.0.1:3"}
//
// grpc-js leaves google.rpc.Status to its user: "status" is its bytes.
const http = require('http');
const http2 = require('http2');
const readline = require('readline');
const grpc = require('@grpc/grpc-js');
const {ConnectError} = require('@connectrpc/connect');
const {connectNodeAdapter} = require('@connectrpc/connect-node');
const {EmptySchema} = require('@bufbuild/protobuf/wkt');

const bytes = (message) => message;

function grpcjs({procedure, errors}) {
  const server = new grpc.Server();
  const definition = {
    path: procedure, requestStream: false, responseStream: false,
    requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes,
  };
  server.addService({call: definition}, {
    call: (call, done) => {
      const {code, message, status} = errors[Number(call.metadata.get('outcome')[0])];
      const metadata = new grpc.Metadata();
      metadata.set('grpc-status-details-bin', Buffer.from(status, 'base64'));
      done({code, details: message, metadata});
    },
  });
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (err, port) => (err ? reject(err) : resolve(`127.0.0.1:${port}`)));
  });
}

function connect({procedure, errors}, createServer) {
  const [, typeName, name] = procedure.split('/');
  const service = {kind: 'service', typeName, file: {deps: []}, methods: [], method: {}};
  const method = {kind: 'rpc', parent: service, name, localName: 'call', methodKind: 'unary', input: EmptySchema, output: EmptySchema, idempotency: 0};
  service.methods.push(method);
  service.method.call = method;
  const routes = (router) => router.service(service, {
    call: (_, context) => {
      const {code, message, details} = errors[Number(context.requestHeader.get('outcome'))];
      const err = new ConnectError(message, code);
      err.details = details.map(({type, value}) => ({type, value: new Uint8Array(Buffer.from(value, 'base64'))}));
      throw err;
    },
  });
  const server = createServer(connectNodeAdapter({routes}));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${server.address().port}`));
  });
}

const lines = readline.createInterface({input: process.stdin});
lines.on('close', () => process.exit(0));
lines.once('line', async (line) => {
  const order = JSON.parse(line);
  console.log(JSON.stringify({
    grpcjs: await grpcjs(order),
    connectHTTP1: await connect(order, http.createServer),
    connectHTTP2: await connect(order, http2.createServer),
  }));
});
