'use strict';

/**
 * Loaded into every function process before the runtime client (`node --require`): aws-lambda-ric talks to the
 * Runtime API through a native add-on that would have to be compiled. Whoever asks for that file gets this client
 * instead: the same three calls over node:http.
 */
const { Agent, request } = require('node:http');
const Module = require('node:module');

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Answers that are on their way; the next invocation is asked for only behind them. */
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
  // A lost connection shows in the next call as well; here it must not end the process as an unhandled rejection.
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
