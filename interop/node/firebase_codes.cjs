'use strict';
// The Firebase Admin SDK for Node.js against a server that fails with the code
// that a request names. Reads from stdin
//
//   {"server": "http://127.0.0.1:1", "auth": ["USER_NOT_FOUND"], "messaging": ["UNREGISTERED"]}
//
// and prints what it saw of each:
//
//   {"auth": {"USER_NOT_FOUND": {"code": "auth/user-not-found", "message": "…"}}, "messaging": {…}}
const fs = require('fs');
const https = require('https');
const net = require('net');
const admin = require('firebase-admin');

const order = JSON.parse(fs.readFileSync(0, 'utf8'));

// The SDK knows its own hosts only; its agent connects to ours instead.
class Redirect extends https.Agent {
  createConnection(options, done) {
    const {hostname, port} = new URL(order.server);
    return net.connect({host: hostname, port: Number(port)}, done);
  }
}

const app = admin.initializeApp({
  projectId: 'library',
  httpAgent: new Redirect(),
  credential: {getAccessToken: async () => ({access_token: 'none', expires_in: 3600})},
});

async function fail(names, call) {
  const seen = {};
  await Promise.all(names.map(async (name) => {
    try {
      await call(name);
    } catch (err) {
      seen[name] = {code: err.code, message: err.message};
    }
  }));
  return seen;
}

(async () => {
  const seen = {
    auth: await fail(order.auth, (name) => admin.auth(app).getUser(name)),
    messaging: await fail(order.messaging, (name) => admin.messaging(app).send({token: name})),
  };
  process.stdout.write(JSON.stringify(seen), () => process.exit(0));
})().catch((err) => {
  console.error(err);
  process.exit(1);
});
