// `npm run cluster -- access`: gets in to a real API server in every way that a kubeconfig file can describe, and looks
// at what is said when that fails.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../scripts/cluster.ts';
import { findAccess } from '../../src/net/kubernetes/access.ts';
import { ApiClient } from '../../src/net/kubernetes/api_client.ts';
import { systemClock } from '../../src/std/clock.ts';
import { testContext } from '../../src/testing/component.ts';
import { Admin } from './admin.ts';

interface Way {
  readonly name: string;
  /** Members of the cluster and of the user in the kubeconfig file. */
  readonly cluster: string;
  readonly user: string;
  /** What is said when there is no way in. */
  readonly refusal?: RegExp;
}

/** Whether all went as it must. */
export async function checkAccess(cluster: Cluster): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-access-'));
  const admin = new Admin(cluster);
  try {
    await admin.allowAgent();
    await admin.allowUser('agent');
    await admin.node('node-1');
    writeFileSync(join(folder, 'token'), await admin.token('first'));
    writePlugins(folder, cluster);
    let isGood = true;
    for (const way of waysIn(cluster)) {
      const said = await tryWay(folder, cluster, way);
      const isExpected = way.refusal ? way.refusal.test(said) : said === 'node-1';
      isGood &&= isExpected;
      console.log(`${isExpected ? 'good' : 'BAD '} ${way.name}: ${said}`);
    }
    return isGood;
  } finally {
    admin.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function waysIn({ certificate, client }: Cluster): Way[] {
  const trust = `certificate-authority: "${certificate}"`;
  const files = `client-certificate: "${client.certificate}", client-key: "${client.key}"`;
  const data = (path: string): string => readFileSync(path).toString('base64');
  const inline = `client-certificate-data: ${data(client.certificate)}, client-key-data: ${data(client.key)}`;
  const plugin = (name: string): string =>
    `exec: { apiVersion: client.authentication.k8s.io/v1, command: ./${name}, provideClusterInfo: true }`;
  return [
    { name: 'a certificate in files', cluster: trust, user: files },
    {
      name: 'a certificate in the file itself',
      cluster: `certificate-authority-data: ${data(certificate)}`,
      user: inline,
    },
    { name: 'a token in a file', cluster: trust, user: 'tokenFile: token' },
    { name: 'a plugin that gives a token', cluster: trust, user: plugin('give_token') },
    { name: 'a plugin that gives a certificate', cluster: trust, user: plugin('give_certificate') },
    { name: 'the name of the server', cluster: `${trust}, tls-server-name: kubernetes.default.svc`, user: files },
    { name: 'another name', cluster: `${trust}, tls-server-name: nowhere`, user: files, refusal: /`tls-server-name`/ },
    { name: 'no verification', cluster: 'insecure-skip-tls-verify: true', user: files },
    { name: 'no authority', cluster: '', user: files, refusal: /`certificate-authority`/ },
    {
      name: 'a wrong token',
      cluster: trust,
      user: 'token: wrong',
      refusal: /401: Unauthorized; asked with the `token`/,
    },
    { name: 'nobody', cluster: trust, user: '', refusal: /403: nodes is forbidden: User "system:anonymous"/ },
  ];
}

/** Plugins that fail unless they get to know the cluster. */
function writePlugins(folder: string, { url, client }: Cluster): void {
  const apiVersion = 'client.authentication.k8s.io/v1';
  const [cert, key] = [readFileSync(client.certificate, 'utf8'), readFileSync(client.key, 'utf8')];
  const statuses = {
    give_token: { token: readFileSync(join(folder, 'token'), 'utf8') },
    give_certificate: { clientCertificateData: cert, clientKeyData: key },
  };
  for (const [name, status] of Object.entries(statuses)) {
    const answer = JSON.stringify({ apiVersion, kind: 'ExecCredential', status });
    const script = `#!/bin/sh\ncase "$KUBERNETES_EXEC_INFO" in *'"${url}"'*) cat <<'END'\n${answer}\nEND\n;; *) exit 1 ;; esac\n`;
    writeFileSync(join(folder, name), script, { mode: 0o755 });
  }
}

/** The name of the node that there is, or why it cannot be told. */
async function tryWay(folder: string, { url }: Cluster, { cluster, user }: Way): Promise<string> {
  writeFileSync(
    join(folder, 'config'),
    `current-context: one
contexts: [{ name: one, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: "${url}", ${cluster} } }]
users: [{ name: u, user: { ${user} } }]
`,
  );
  const { context } = testContext('source', 'kubernetes_logs');
  const options = { clock: systemClock, recorder: context, log: context.log, userAgent: 'test' };
  const client = new ApiClient(findAccess(join(folder, 'config')), options);
  try {
    const list = await client.list('/api/v1/nodes', {}, 'application/json', new AbortController().signal);
    return (list as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name).join();
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.close();
  }
}
