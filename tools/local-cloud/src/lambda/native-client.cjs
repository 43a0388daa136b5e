'use strict';

/**
 * Loaded into every function process before the runtime client (`node --require`). aws-lambda-ric talks to the Runtime
 * API through a native add-on that would need compiling. A require of that file returns this client instead, which
 * makes the same three calls over node:http.
 */
const { Agent, request } = require('node:http');
const Module = require('node:module');

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Responses being sent; the next invocation is requested only after them. */
let posted = Promise.resolve();

function call(method, url, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ bodyJson: Buffer.concat(chunks).toString(), headers: response.headers }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function post(url, body, headers) {
  posted = posted.then(() => call('POST', url, body, { 'content-type': 'application/json', ...headers }));
  // The next call reports a lost connection; here it must not end the process as an unhandled rejection.
  posted.catch(() => undefined);
}

const client = {
  next: () => posted.then(() => call('GET', `${api}/next`)),
  done: (id, body) => post(`${api}/${id}/response`, body),
  error: (id, body) => {
    const { errorType } = JSON.parse(body);
    post(`${api}/${id}/error`, body, {
      'lambda-runtime-function-error-type': encodeURI(errorType ?? 'Error'),
    });
  },
};

const load = Module._load;
Module._load = function (name, ...rest) {
  return name === './rapid-client.node' ? client : load.call(this, name, ...rest);
};
