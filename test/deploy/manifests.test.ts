// What Sluice is deployed with: every manifest holds what it must, and every configuration in it is valid. Tools that
// are there check more: kubectl renders the Kustomize folders, helm the chart, systemd the unit, dpkg the scripts.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { ROOT, run, runScript } from '../../scripts/command.ts';
import { ensure, findProgram } from '../../scripts/debian.ts';

const DEPLOY = join(ROOT, 'deploy');
const CHART = join(DEPLOY, 'helm/sluice');

type Manifest = { readonly kind: string; readonly [key: string]: unknown };

/** The objects of a YAML text, without empty ones. */
function objects(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      assert.deepEqual(document.errors, []);
      return document.toJS() as Manifest | null;
    })
    .filter((object) => object !== null);
}

async function validated(path: string): Promise<void> {
  const { code, output } = await runScript(['src/cli/main.ts', 'validate', '--no-environment', path]);
  assert.equal(code, 0, output);
}

const withoutSystemd = await ensure({ 'systemd-analyze': 'systemd' });

function withoutProgram(name: string): string | false {
  return findProgram(name) === undefined ? `needs ${name}` : false;
}

/** What both ways to deploy must say of their pods. */
function checkWorkload(rendered: readonly Manifest[], kind: 'DaemonSet' | 'StatefulSet'): void {
  const workload = rendered.find((object) => object.kind === kind) as unknown as {
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: readonly Record<string, unknown>[] } };
    };
  };
  const [container] = workload.spec.template.spec.containers;
  assert.deepEqual(container?.['resources'], {
    requests: { cpu: '100m', memory: '128Mi' },
    limits: { memory: '192Mi' },
  });
  const probe = container['readinessProbe'] as { readonly httpGet: unknown };
  assert.deepEqual(probe.httpGet, { path: '/health', port: 'api' });
  const security = container['securityContext'] as Record<string, unknown>;
  assert.equal(security['readOnlyRootFilesystem'], true);
  assert.equal(security['allowPrivilegeEscalation'], false);
  const roles = rendered.filter((object) => object.kind === 'ClusterRole');
  const rules = roles.map((role) => role['rules']);
  const wanted = [{ apiGroups: [''], resources: ['pods', 'namespaces', 'nodes'], verbs: ['list', 'watch'] }];
  assert.deepEqual(rules, kind === 'DaemonSet' ? [wanted] : []);
}

describe('the Kustomize folders', () => {
  for (const [role, kind] of [
    ['agent', 'DaemonSet'],
    ['aggregator', 'StatefulSet'],
  ] as const) {
    it(`hold a valid configuration for the ${role}`, () => validated(join(DEPLOY, 'kustomize', role, 'sluice.yaml')));

    it(`render the ${role}`, { skip: withoutProgram('kubectl') }, async () => {
      const { code, output } = await run('kubectl', ['kustomize', join(DEPLOY, 'kustomize', role)]);
      assert.equal(code, 0, output);
      checkWorkload(objects(output), kind);
    });
  }
});

describe('the chart', () => {
  const skip = withoutProgram('helm');

  it('passes lint', { skip }, async () => {
    const { code, output } = await run('helm', ['lint', '--strict', CHART]);
    assert.equal(code, 0, output);
  });

  for (const [role, kind] of [
    ['Agent', 'DaemonSet'],
    ['Aggregator', 'StatefulSet'],
  ] as const) {
    it(`renders the ${role} with a valid configuration`, { skip }, async () => {
      const flags = ['template', 'sluice', CHART, '--kube-version', '1.31.0', '--set', `role=${role}`];
      const { code, output } = await run('helm', flags);
      assert.equal(code, 0, output);
      const rendered = objects(output);
      checkWorkload(rendered, kind);
      const map = rendered.find((object) => object.kind === 'ConfigMap') as unknown as { data: Record<string, string> };
      const folder = mkdtempSync(join(tmpdir(), 'sluice-chart-'));
      try {
        writeFileSync(join(folder, 'sluice.yaml'), map.data['sluice.yaml'] ?? '');
        await validated(join(folder, 'sluice.yaml'));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  it('refuses a role that there is not', { skip }, async () => {
    const flags = ['template', 'sluice', CHART, '--kube-version', '1.31.0', '--set', 'role=Other'];
    const { code, output } = await run('helm', flags);
    assert.notEqual(code, 0);
    assert.match(output, /role is "Other": it is Agent or Aggregator/);
  });
});

describe('the Debian package', () => {
  it('has scripts that a shell reads', async () => {
    for (const script of ['postinst', 'prerm', 'postrm']) {
      const { code, output } = await run('sh', ['-n', join(DEPLOY, 'debian', script)]);
      assert.equal(code, 0, output);
    }
  });

  it('brings a valid configuration', () => validated(join(DEPLOY, 'debian/sluice.yaml')));
});

describe('the systemd unit', () => {
  it('is one that systemd understands', { skip: withoutSystemd }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-unit-'));
    try {
      const unit = join(folder, 'sluice.service');
      copyFileSync(join(DEPLOY, 'systemd/sluice.service'), unit);
      // The command is not installed here: any program stands for it.
      writeFileSync(unit, readFileSync(unit, 'utf8').replaceAll('/usr/bin/sluice', '/bin/true'));
      const { code, output } = await run('systemd-analyze', ['verify', '--man=no', unit]);
      assert.equal(code, 0, output);
      assert.doesNotMatch(output, /sluice\.service/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
