import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './exec.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a machine needs to reach the world, given to every build step and kept out of every image. */
export type HostSettings = {
  /** Files that build steps see below `hostFolder`. */
  readonly files: readonly { readonly id: string; readonly name: string; readonly content: string }[]
  /** Variables that point to them; names and paths only. */
  readonly variables: Readonly<Record<string, string>>
  /** Values of Docker's predefined proxy arguments. */
  readonly proxies: Readonly<Record<string, string>>
}

/** In a step's own /dev, which is no part of any layer. */
export const hostFolder = '/dev/berth'

const bundle = `${hostFolder}/ca.crt`
const trustStores = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt']
const bundleVariables = [
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'NODE_EXTRA_CA_CERTS',
  'npm_config_cafile',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
]
const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY']
const maxAgeMs = 30_000
let known: { key: string; at: number; settings: Promise<HostSettings> } | undefined

/** The host's trust store, npm, pip and apt settings and proxies, as its files and `env` say. Read again after half a minute. */
export function hostSettings(env: Environment): Promise<HostSettings> {
  const key = JSON.stringify(env)
  if (known?.key === key && Date.now() - known.at < maxAgeMs) return known.settings
  known = { key, at: Date.now(), settings: read(env) }
  return known.settings
}

async function read(env: Environment): Promise<HostSettings> {
  const [trust, npmrc, pip, apt] = await Promise.all([
    firstOf(trustStores),
    npmSettings(env),
    pipSettings(env),
    aptSettings(),
  ])
  const all = [
    trust && { name: 'ca.crt', content: trust, variables: bundleVariables },
    npmrc && { name: 'npmrc', content: npmrc, variables: ['npm_config_globalconfig'] },
    pip && { name: 'pip.conf', content: pip, variables: ['PIP_CONFIG_FILE'] },
    apt && {
      name: 'apt.conf',
      content: trust ? `${apt}Acquire::https::CAInfo "${bundle}";\n` : apt,
      variables: ['APT_CONFIG'],
    },
  ].filter((file) => typeof file === 'object')
  return {
    files: all.map(({ name, content }) => ({ id: `berth-host-${name}`, name, content })),
    variables: Object.fromEntries(
      all.flatMap(({ name, variables }) => variables.map((key) => [key, `${hostFolder}/${name}`])),
    ),
    proxies: proxiesOf(env),
  }
}

const npmKeys =
  /^(?:@[\w.-]+:registry|\/\/[^\s=]+|registry|(?:https?-)?proxy|noproxy|strict-ssl|fetch-[a-z-]+|maxsockets|replace-registry-host|omit-lockfile-registry-resolved)$/

/**
 * Every build can print what it sees. What the machine's own files say is meant for it; a login of the person who runs
 * Berth is not, such as the token that npm keeps in their home.
 */
const isNoCredential = (line: string) => !line.startsWith('//') && !/\/\/[^/\s]*@/.test(line)

async function npmSettings(env: Environment): Promise<string> {
  const { HOME: home = '/root', NPM_CONFIG_USERCONFIG: config } = env
  const ofMachine = await linesOf(['/etc/npmrc', '/usr/etc/npmrc', '/usr/local/etc/npmrc'])
  const lines = [...ofMachine, ...(await linesOf([join(home, '.npmrc'), config])).filter(isNoCredential)]
  const kept = lines.filter((line) => npmKeys.test(line.split('=')[0]?.trim() ?? ''))
  const fromEnv = Object.entries(env).flatMap(([name, value]) => {
    const key = /^npm_config_(registry|proxy|https_proxy|noproxy|strict_ssl)$/i.exec(name)?.[1]
    return key && value ? [`${key.toLowerCase().replace('_', '-')}=${value}`] : []
  })
  return ini([...kept, ...fromEnv])
}

const pipKeys = /^(?:index-url|extra-index-url|trusted-host|proxy|timeout|default-timeout|retries|no-index)$/

async function pipSettings(env: Environment): Promise<string> {
  const { HOME: home = '/root', PIP_CONFIG_FILE: config } = env
  const personal = [join(home, '.pip/pip.conf'), join(home, '.config/pip/pip.conf'), config]
  const lines = [...(await linesOf(['/etc/pip.conf'])), ...(await linesOf(personal)).filter(isNoCredential)]
  const kept = lines.filter((line) => pipKeys.test(line.split('=')[0]?.trim() ?? ''))
  const fromEnv = Object.entries(env).flatMap(([name, value]) => {
    const key = /^PIP_([A-Z_]+)$/.exec(name)?.[1]?.toLowerCase().replaceAll('_', '-')
    return key && value && pipKeys.test(key) ? [`${key} = ${value}`] : []
  })
  const all = [...kept, ...fromEnv].filter((line) => !/[=\s]file:/.test(line))
  return all.length > 0 ? ini(['[global]', ...all]) : ''
}

/** How the host's apt reaches its mirrors; which mirrors there are, the stack image knows. */
async function aptSettings(): Promise<string> {
  const { code, stdout } = await run(['apt-config', 'dump', '--no-empty', 'Acquire']).catch(() => ({
    code: 1,
    stdout: '',
  }))
  if (code !== 0) return ''
  const wanted = /^Acquire::(?:https?::|Retries|Check-|ForceIPv|Languages)/
  const local = /CAInfo|SslCert|SslKey|Proxy-Auto-Detect/i
  return ini(stdout.split('\n').filter((line) => wanted.test(line) && !local.test(line)))
}

const proxiesOf = (env: Environment) =>
  Object.fromEntries(
    proxyNames.flatMap((name) => {
      const value = env[name] ?? env[name.toLowerCase()]
      return value ? [[name, value]] : []
    }),
  )

const ini = (lines: readonly string[]) => (lines.length > 0 ? `${lines.join('\n')}\n` : '')

async function firstOf(paths: readonly string[]): Promise<string> {
  return (await textsOf(paths))[0] ?? ''
}

const linesOf = async (paths: readonly (string | undefined)[]) =>
  (await textsOf(paths)).flatMap((text) => text.split('\n')).map((line) => line.trim())

async function textsOf(paths: readonly (string | undefined)[]): Promise<string[]> {
  const texts = await Promise.all(paths.map((path) => (path ? readFile(path, 'utf8').catch(() => '') : '')))
  return texts.filter((text) => text !== '')
}
