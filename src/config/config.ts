import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { safeUwsgiOptions } from '../model/definition/upaas/uwsgi.ts'
import { refuse } from '../model/refusal.ts'

const port = (value: number) => z.coerce.number().int().min(0).max(65_535).default(value)

const whole = (least: number) => z.coerce.number().int().min(least)

/** Schema, defaults and help in one; reference.ts prints docs/config.md from it. */
const Settings = z.object({
  BERTH_DATA_DIR: z.string().default('/var/lib/berth').describe('Database, keys, git repositories, logs'),
  BERTH_CACHE_DIR: z
    .string()
    .optional()
    .describe('What builds fetched; the folder cache in the data folder unless given'),
  BERTH_RUNTIMES_DIR: z
    .string()
    .default('/etc/berth/runtimes')
    .describe('Your own runtimes, <name>.yaml each; one with the name of a shipped one replaces it'),
  BERTH_RUN_DIR: z.string().default('/run/berth').describe('Sockets and process ids'),
  BERTH_DOMAIN: z.string().default('localhost').describe('Apps answer at <app>.<domain>, the API at berth.<domain>'),
  BERTH_HTTP_PORT: port(80).describe('Port of the router'),
  BERTH_HTTPS_PORT: port(443).describe('Kept for TLS: must be free, and nothing listens on it yet'),
  BERTH_API_PORT: port(7117).describe('Port of the API on the loopback interface'),
  BERTH_SSH_PORT: port(2222).describe('Port of git over SSH'),
  BERTH_GIT_USER: z.string().default('git').describe('The system user of git: of SSH sessions, and of its processes'),
  BERTH_CLUSTER: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/)
    .default('berth')
    .describe('Prefix and label of all that this installation makes in Docker'),
  BERTH_DOCKER_SOCKET: z.string().default('/var/run/docker.sock').describe('The Docker Engine'),
  BERTH_DOCKER_CLIENT: z.string().default('/usr/bin/docker').describe('A docker client that can do BuildKit'),
  BERTH_STACK: z
    .string()
    .default('bookworm')
    .describe('Stack of the apps that name none: a name of "berth stack list", or an image of this machine'),
  BERTH_STACKS_DIR: z
    .string()
    .default('/etc/berth/stacks')
    .describe('Your own stacks, <name>.yaml each; one with the name of a shipped one replaces it'),
  BERTH_STACKS_RENEW: z
    .enum(['yes', 'no'])
    .default('yes')
    .describe('Whether stacks that are older than they may be are made anew by themselves'),
  BERTH_STACK_UPGRADES: whole(1).default(1).describe('Apps that "berth stack upgrade" builds anew at once'),
  BERTH_UWSGI_SAFE_OPTIONS: z
    .string()
    .default(safeUwsgiOptions.join(' '))
    .refine(areExpressions, 'must be regular expressions with blanks between them')
    .describe('Options of uWSGI that metadata of uPaaS may set: expressions that match the start of a name'),
  BERTH_RELEASE_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(600)
    .describe('How long a release or postdeploy command of an app may take'),
  BERTH_BUILDS: whole(1)
    .optional()
    .describe('Builds at once; unless given, as many as the machine has cores, and 2 GB of memory for each'),
  BERTH_BUILDS_PER_TEAM: whole(1).default(2).describe('Builds of one team at once; an app has one at a time'),
  BERTH_BUILD_LEASE_SECONDS: whole(1)
    .default(30)
    .describe('After so long without a sign of life from its builder, a build is begun again'),
  BERTH_FETCH_SECONDS: whole(1).default(600).describe('How long fetching a source may take'),
  BERTH_BUILD_SECONDS: whole(1).default(1200).describe('How long a build may take'),
  BERTH_BUILD_MEMORY_MB: whole(64).default(2048).describe('Memory of each step of a build'),
  BERTH_BUILD_CPU: z.coerce.number().min(0.1).max(256).default(2).describe('Processors of each step of a build'),
  BERTH_BUILD_PIDS: whole(16).default(2048).describe('Processes and threads of each step of a build'),
  BERTH_BUILD_IO_MB: whole(0)
    .default(100)
    .describe('What each step of a build may read and write per second, each in MB; 0 for no limit'),
  BERTH_BUILD_ADD_URLS: z
    .enum(['yes', 'no'])
    .default('yes')
    .describe('Whether a Dockerfile may ADD from a URL: the Engine fetches it, and follows redirects anywhere'),
  BERTH_BUILD_HOST_PORTS: z
    .string()
    .regex(/^(?:all|\s*(?:\d{1,5}(?:[\s,]+\d{1,5})*)?\s*)$/, 'must be ports (3128, 4873), or all')
    .default('')
    .describe(
      'Ports of this machine that build steps may reach besides the router and its mirrors and proxies, or all',
    ),
  BERTH_BUILD_FREE_MB: whole(0)
    .default(2048)
    .describe('No build is begun with less free disk space; with half of it, those under way are stopped'),
  BERTH_BUILD_FREE_PERCENT: z.coerce
    .number()
    .min(0)
    .max(90)
    .default(2)
    .describe('The same as a share of the disk; whichever is more counts'),
  BERTH_BUILD_CACHE_MB: whole(0)
    .default(10_240)
    .describe(
      'What the Engine may keep to build faster; what was not used for longest goes first. 0: Berth leaves it alone',
    ),
  BERTH_STORE_SECONDS: whole(1)
    .default(600)
    .describe('How long storing the package of a build may hold up its deploy, which then goes on without'),
  BERTH_PRIVATE_SOURCES: z
    .string()
    .default('')
    .describe(
      'Addresses inside that sources, registries and hooks may be at, as networks (10.0.0.0/8, 192.168.1.5), or all',
    ),
  BERTH_KEEP_BUILDS: whole(1)
    .default(5)
    .describe('Newest builds per app that can be released again; pinned ones and what serves stay besides'),
  BERTH_PACKAGE_STORAGE: z
    .enum(['local', 'registry', 's3'])
    .default('local')
    .describe(
      'Where images of builds are kept besides the Engine: local (nowhere), a registry, or S3-compatible storage',
    ),
  BERTH_PACKAGE_REGISTRY: z
    .string()
    .regex(/^[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9._-]+)*$/, 'must be HOST[:PORT][/FOLDER]')
    .optional()
    .describe('The registry, as HOST[:PORT][/FOLDER]; unless given, one that berth up starts on this machine'),
  BERTH_PACKAGE_REGISTRY_PORT: port(7118).describe('Port of that one on the loopback interface'),
  BERTH_PACKAGE_S3_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://s3.amazonaws.com')
    .describe('S3-compatible storage, without the bucket'),
  BERTH_PACKAGE_S3_REGION: z.string().default('us-east-1').describe('Its region; most that are not Amazon take any'),
  BERTH_PACKAGE_S3_BUCKET: z.string().optional().describe('The bucket, which must be there'),
  BERTH_PACKAGE_S3_FOLDER: z
    .string()
    .regex(/^[\w.-]*(?:\/[\w.-]+)*$/, 'must be names with / between them')
    .default('')
    .describe('What the names of all packages in the bucket begin with'),
  BERTH_PACKAGE_USER: z.string().default('').describe('User of the registry, or id of the access key of S3'),
  BERTH_PACKAGE_SECRET_FILE: z
    .string()
    .optional()
    .describe('File with the password or the secret key; package.secret in the data folder unless given'),
  BERTH_SUBNET: z.string().default('10.210.0.0/16').describe('Addresses of instances on this node'),
})

export type Setting = { readonly name: string; readonly meaning: string; readonly fallback: string | undefined }

export const settings: readonly Setting[] = Object.entries(Settings.shape).map(([name, field]) => {
  const fallback = field.parse(undefined)
  return { name, meaning: field.description ?? '', fallback: fallback === undefined ? undefined : String(fallback) }
})

export const settingNames: readonly string[] = settings.map(({ name }) => name)

export type Config = ReturnType<typeof configFrom>

/** Environment first, then the file (keys without the prefix, lower-case), then defaults. Throws INVALID with the key's name. */
export function configFrom(env: NodeJS.ProcessEnv) {
  const merged = { ...fromFile(env.BERTH_CONFIG ?? '/etc/berth/berth.yaml'), ...definedOf(env) }
  const parsed = Settings.safeParse(merged)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse('INVALID', String(issue?.path[0] ?? 'configuration'), issue?.message ?? 'cannot be read')
  }
  const s = parsed.data
  const data = (...parts: string[]) => join(s.BERTH_DATA_DIR, ...parts)
  const runDir = (...parts: string[]) => join(s.BERTH_RUN_DIR, ...parts)
  return {
    cluster: s.BERTH_CLUSTER,
    domain: s.BERTH_DOMAIN,
    dataDir: s.BERTH_DATA_DIR,
    runDir: s.BERTH_RUN_DIR,
    http: { port: s.BERTH_HTTP_PORT, tlsPort: s.BERTH_HTTPS_PORT },
    api: { port: s.BERTH_API_PORT },
    ssh: { port: s.BERTH_SSH_PORT, dir: data('ssh') },
    docker: {
      socket: s.BERTH_DOCKER_SOCKET,
      client: s.BERTH_DOCKER_CLIENT,
      network: s.BERTH_CLUSTER,
      subnet: s.BERTH_SUBNET,
    },
    stack: /[:/]/.test(s.BERTH_STACK) ? s.BERTH_STACK : `berth/stack:${s.BERTH_STACK}`,
    stacks: { renew: s.BERTH_STACKS_RENEW === 'yes', upgradesAtOnce: s.BERTH_STACK_UPGRADES },
    uwsgiSafe: s.BERTH_UWSGI_SAFE_OPTIONS.split(/\s+/).filter((text) => text !== ''),
    releaseSeconds: s.BERTH_RELEASE_SECONDS,
    db: { path: data('berth.sqlite'), key: data('secret.key') },
    git: { dir: data('git'), socket: runDir('git.sock'), user: s.BERTH_GIT_USER },
    builds: {
      dir: data('builds'),
      sources: data('sources'),
      cache: s.BERTH_CACHE_DIR ?? data('cache'),
      runtimes: s.BERTH_RUNTIMES_DIR,
      stacks: s.BERTH_STACKS_DIR,
      atOnce: s.BERTH_BUILDS,
      perTeam: s.BERTH_BUILDS_PER_TEAM,
      leaseSeconds: s.BERTH_BUILD_LEASE_SECONDS,
      fetchSeconds: s.BERTH_FETCH_SECONDS,
      buildSeconds: s.BERTH_BUILD_SECONDS,
      limits: {
        memoryMb: s.BERTH_BUILD_MEMORY_MB,
        cpu: s.BERTH_BUILD_CPU,
        pids: s.BERTH_BUILD_PIDS,
        ioMb: s.BERTH_BUILD_IO_MB,
      },
      reserve: { mb: s.BERTH_BUILD_FREE_MB, percent: s.BERTH_BUILD_FREE_PERCENT },
      cacheMb: s.BERTH_BUILD_CACHE_MB,
      addUrls: s.BERTH_BUILD_ADD_URLS === 'yes',
      hostPorts: portsOf(s.BERTH_BUILD_HOST_PORTS, [s.BERTH_HTTP_PORT, s.BERTH_HTTPS_PORT]),
      storeSeconds: s.BERTH_STORE_SECONDS,
      keep: s.BERTH_KEEP_BUILDS,
    },
    packages: {
      storage: s.BERTH_PACKAGE_STORAGE,
      /** Unless given, one of our own. */
      registry: s.BERTH_PACKAGE_REGISTRY,
      own: { dir: data('registry'), port: s.BERTH_PACKAGE_REGISTRY_PORT },
      s3: {
        url: s.BERTH_PACKAGE_S3_URL,
        region: s.BERTH_PACKAGE_S3_REGION,
        bucket: s.BERTH_PACKAGE_S3_BUCKET,
        folder: s.BERTH_PACKAGE_S3_FOLDER,
      },
      user: s.BERTH_PACKAGE_USER,
      secretFile: s.BERTH_PACKAGE_SECRET_FILE ?? data('package.secret'),
    },
    sources: { dir: data('repositories'), uploads: data('uploads'), allowed: s.BERTH_PRIVATE_SOURCES },
    logs: { dir: data('logs') },
    router: {
      config: data('router', 'haproxy.cfg'),
      socket: runDir('router.sock'),
      master: runDir('router-master.sock'),
    },
    admin: data('admin.json'),
  } as const
}

const portsOf = (text: string, more: readonly number[]): readonly number[] | 'all' =>
  text === 'all' ? text : [...more, ...text.split(/[\s,]+/).flatMap((word) => (word === '' ? [] : [Number(word)]))]

/** What the server prints with --help-config. */
export const configHelp = () =>
  settings.map(({ name, meaning, fallback }) => `${name.padEnd(20)} ${meaning} (${fallback ?? 'none'})`).join('\n')

function fromFile(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {}
  const content: unknown = parse(readFileSync(path, 'utf8')) ?? {}
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    return refuse('INVALID', path, 'must be a map of settings')
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [`BERTH_${key.toUpperCase()}`, value]))
}

const definedOf = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter(([key, value]) => key in Settings.shape && value !== undefined))

function areExpressions(text: string): boolean {
  try {
    return text.split(/\s+/).every((one) => new RegExp(one) !== undefined)
  } catch {
    return false
  }
}
