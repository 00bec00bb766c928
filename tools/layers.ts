/**
 * The architecture on one screen: which folder of src may import which. `tools/layers.test.ts` fails on any import not
 * listed, on a folder that has no row, on a row that nobody uses, and on every import cycle (type-only imports count).
 * Files directly in src/server are the composition root and may import all of it.
 */
export const layers: Record<string, readonly string[]> = {
  model: [],
  lib: [],
  config: ['model'],
  contract: ['model'],
  client: ['contract', 'model'],
  engine: [],
  network: ['engine', 'model'],
  runtime: ['model', 'lib'],
  'agent/router': ['lib'],
  agent: ['agent/router', 'engine', 'contract', 'model', 'lib'],
  stack: ['engine', 'model', 'lib'],
  host: ['network', 'config', 'engine', 'runtime', 'stack', 'client', 'contract', 'model', 'lib'],
  cli: ['config', 'runtime', 'client', 'contract', 'model', 'lib'],
  'server/store': ['model', 'lib'],
  'server/logs': ['model', 'lib'],
  'server/build': ['engine', 'runtime', 'stack', 'model', 'lib'],
  'server/builds': ['server/store', 'engine', 'model', 'lib'],
  'server/git': ['server/store', 'server/logs', 'model', 'lib'],
  'server/sources': ['server/store', 'server/git', 'server/build', 'engine', 'model', 'lib'],
  'server/hooks': ['server/store', 'server/sources', 'model', 'lib'],
  'server/http': ['server/store', 'runtime', 'stack', 'contract', 'model', 'lib'],
  'server/reconcile': ['server/store', 'network', 'engine', 'contract', 'model', 'lib'],
  'server/release': ['server/store', 'engine', 'model', 'lib'],
  'server/packages': ['server/store', 'engine', 'model', 'lib'],
  'server/stacks': ['server/store', 'stack', 'engine', 'model', 'lib'],
  'server/runs': ['server/store', 'engine', 'model', 'lib'],
  server: ['*'],
}
