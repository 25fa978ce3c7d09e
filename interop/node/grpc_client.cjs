'use strict';
// A gRPC client that knows nothing of errwire. It reads what to do from stdin,
//
//   {"address": "127.0.0.1:1", "serviceConfig": {…}, "calls":
//     [{"method": "/a.B/C", "kind": "unary", "metadata": {"key": "value"}}]}
//
// makes the calls one after another, and prints what it saw of each:
//
//   [{"code": 5, "message": "…", "header": {"key": ["value"]}, "trailer": {…}}]
//
// Values of binary metadata are in base64. All messages are empty.
const fs = require('fs');
const grpc = require('@grpc/grpc-js');

const order = JSON.parse(fs.readFileSync(0, 'utf8'));
const options = order.serviceConfig
  ? {'grpc.service_config': JSON.stringify(order.serviceConfig)}
  : {'grpc.enable_retries': 0};
const client = new grpc.Client(order.address, grpc.credentials.createInsecure(), options);

const bytes = (message) => message;
const empty = Buffer.alloc(0);

function plain(metadata) {
  const result = {};
  for (const [key, values] of Object.entries(metadata ? metadata.toJSON() : {})) {
    result[key] = values.map((v) => (Buffer.isBuffer(v) ? v.toString('base64') : v));
  }
  return result;
}

// Each kind starts a call; done is called once, with the error or with null.
const kinds = {
  'unary': (method, md, done) => client.makeUnaryRequest(method, bytes, bytes, empty, md, {}, done),
  'client stream': (method, md, done) => {
    const call = client.makeClientStreamRequest(method, bytes, bytes, md, {}, done);
    call.write(empty);
    call.end();
    return call;
  },
  'server stream': (method, md, done) => streaming(client.makeServerStreamRequest(method, bytes, bytes, empty, md, {}), done),
  'bidi stream': (method, md, done) => {
    const call = streaming(client.makeBidiStreamRequest(method, bytes, bytes, md, {}), done);
    call.write(empty);
    return call;
  },
};

function streaming(call, done) {
  call.on('data', () => {});
  call.on('error', done);
  call.on('end', () => done(null));
  return call;
}

function make({method, kind, metadata}) {
  return new Promise((resolve) => {
    let header;
    const md = new grpc.Metadata();
    for (const [key, value] of Object.entries(metadata || {})) {
      md.set(key, value);
    }
    const call = kinds[kind](method, md, (err) => resolve({
      code: err ? err.code : 0,
      message: err ? err.details : '',
      header: plain(header),
      trailer: plain(err && err.metadata),
    }));
    call.on('metadata', (received) => { header = received; });
  });
}

(async () => {
  const seen = [];
  for (const call of order.calls) {
    seen.push(await make(call));
  }
  process.stdout.write(JSON.stringify(seen));
  client.close();
})();
