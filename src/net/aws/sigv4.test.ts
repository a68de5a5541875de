// The signatures of these requests were made by botocore 1.43, which knows nothing of this code.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sign } from './sigv4.ts';

const NOW_MS = Date.UTC(2026, 10, 27, 5, 6, 7);

const CASES = [
  {
    method: 'GET',
    url: 'https://example.amazonaws.com/',
    body: '',
    headers: {},
    token: undefined,
    service: 'service',
    region: 'us-east-1',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261127/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=1a2c858fddd5391da310df0da7382cf3b6f6d1e909227ef5017414ec46cbe5a4',
  },
  {
    method: 'POST',
    url: 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write',
    body: 'body é',
    headers: {
      'Content-Type': 'application/x-protobuf',
      'Content-Encoding': 'snappy',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    },
    token: 'tok/en+==',
    service: 'aps',
    region: 'eu-west-1',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261127/eu-west-1/aps/aws4_request, SignedHeaders=content-encoding;content-type;host;x-amz-date;x-amz-security-token;x-prometheus-remote-write-version, Signature=6030c2b4f17c685f66eeb8c94bc1190fb8849b658d4fea2b6037fb803abc49a3',
  },
  {
    method: 'PUT',
    url: 'http://127.0.0.1:9200/a%20b/c%2Fd/~x(1)?b=2&a=1&a=0&c&e=%20%2Bx%2B',
    body: '[1]',
    headers: { 'X-Spaces': '  a   b  ' },
    token: undefined,
    service: 'es',
    region: 'us-west-2',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261127/us-west-2/es/aws4_request, SignedHeaders=host;x-amz-date;x-spaces, Signature=92b8f3f5195e48b552bdf6b229e928f096031536f7f3ce32f4cb0acd127f5500',
  },
  {
    method: 'GET',
    url: 'https://h.example:8443/q?z=%C3%A9&Z=1&-_.~=%2A',
    body: '',
    headers: {},
    token: undefined,
    service: 'execute-api',
    region: 'ap-south-1',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261127/ap-south-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=1f48f7c1faee3c4e5ca658fff97a3f937f275f52d18ef2ceae9fa1dcc7f68dbe',
  },
] as const;

for (const { method, url, body, headers, token, service, region, authorization } of CASES) {
  test(`signs ${method} ${url} as botocore does`, () => {
    const request = { method, url: new URL(url), headers, body: body === '' ? undefined : Buffer.from(body) };
    const credentials = {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      sessionToken: token,
    };
    assert.deepEqual(sign(request, credentials, { service, region }, NOW_MS), {
      'x-amz-date': '20261127T050607Z',
      ...(token === undefined ? {} : { 'x-amz-security-token': token }),
      authorization,
    });
  });
}
