import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { connect } from '../client/client.ts'
import { packageStorage } from '../contract/packages.ts'
import { listStacks } from '../contract/stacks.ts'
import { run } from '../lib/exec.ts'
import { isBroken } from '../network/broken.ts'
import { runtimesIn } from '../runtime/known.ts'
import { stacksIn } from '../stack/known.ts'
import { routerAnswers, serverAnswers, sshAnswers } from './control.ts'
import { answers, buildsWithBuildKit } from './dockerd.ts'
import { type Host, hostFrom } from './host.ts'
import { adminOf, loopbackUrl } from './login.ts'
import { type Finding, preflight } from './preflight.ts'
import type { Print, Told } from './print.ts'
import { registryAnswersAt, wantsRegistry } from './registry.ts'
import { diskInWords, disksOf, isTight } from './room.ts'

type Verdict = { readonly ok: boolean; readonly text: string; readonly wayOut?: string }
type Check = (host: Host) => Promise<Verdict>

const BEFORE_UP = ['root', 'os', 'architecture', 'kernel', 'disk', 'folders', 'ports', 'docker', 'swarm']
const START = 'run "berth up"'

/** Every check: fine, or what is wrong and what to do. True when all are fine. */
export async function doctor(env: NodeJS.ProcessEnv, print: Print): Promise<boolean> {
  const findings = await examine(env, print)
  for (const finding of findings) print.line(lineOf(finding))
  const wrong = findings.filter(({ ok }) => !ok).length
  print.line()
  print.line(wrong === 0 ? 'Nothing is wrong.' : `${wrong} of ${findings.length} checks found something wrong.`)
  return wrong === 0
}

/** The same for programs. */
export async function doctorJson(env: NodeJS.ProcessEnv, aside: Print): Promise<Told> {
  const findings = await examine(env, aside)
  return { ok: findings.every(({ ok }) => ok), json: findings }
}

async function examine(env: NodeJS.ProcessEnv, print: Print): Promise<readonly Finding[]> {
  const host = hostFrom(env, print)
  return [...(await preflight(host.root, env, BEFORE_UP)), ...(await own(host))]
}

const lineOf = ({ ok, name, text, wayOut }: Finding) =>
  ok ? `✓ ${name}: ${text}` : `✗ ${name}: ${text}${wayOut ? `\n    ${wayOut}` : ''}`

async function own(host: Host): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [name, check] of Object.entries(checks)) {
    const { ok, text, wayOut = '' } = await check(host).catch((error: unknown) => broken(error))
    findings.push({ ok, name, text, wayOut })
  }
  return findings
}

const broken = (error: unknown): Verdict => ({
  ok: false,
  text: `the check itself failed: ${error instanceof Error ? error.message : String(error)}`,
})

const fine = (text: string): Verdict => ({ ok: true, text })
const wrong = (text: string, wayOut = START): Verdict => ({ ok: false, text, wayOut })

const checks: Record<string, Check> = {
  clock: async ({ root }) => {
    const newest = (await stat(join(root, 'package.json'))).mtime
    return newest.getTime() < Date.now() + 60_000
      ? fine(new Date().toISOString())
      : wrong('it is behind the files of this machine', 'set it, and keep it with a time service such as chrony')
  },

  'docker engine': async (host) =>
    (await answers(host)) ? fine((await host.engine.version()).Version) : wrong('it does not answer'),

  'docker client': async ({ config }) =>
    (await buildsWithBuildKit(config.docker.client).catch(() => false))
      ? fine(config.docker.client)
      : wrong(`${config.docker.client} cannot do BuildKit`, `install docker-buildx, then ${START}`),

  network: async ({ engine, config }) => {
    const found = await engine.api
      .json<{ Driver: string }>({ path: `/networks/${config.docker.network}` })
      .catch(() => null)
    if (!found) return wrong(`Docker has no network ${config.docker.network}`)
    return (await isBroken({ engine, cluster: config.cluster }))
      ? wrong('the Engine has lost track of it: no instance starts', 'wait: the server makes another one')
      : fine(config.docker.network)
  },

  'base image': async ({ engine, config }) =>
    (await engine.images.exists(config.stack)) ? fine(config.stack) : wrong(`Docker has no image ${config.stack}`),

  stacks: async (host) => {
    const { listed, broken } = stacksIn(host.config.builds.stacks)
    const wayOut = 'what builds start from stays as it was; docs/guides/stacks.md'
    if (broken.length > 0) return wrong(broken.map(({ reason }) => reason).join('; '), 'mend or remove the file')
    if (!(await serverAnswers(host))) return fine(listed.map(({ value }) => value.name).join(', '))
    const client = connect({ url: loopbackUrl(host), token: adminOf(host).token })
    const failed = (await client.call(listStacks, {})).filter(({ state }) => state === 'failed')
    return failed.length === 0
      ? fine(listed.map(({ value }) => value.name).join(', '))
      : wrong(failed.map(({ name, error }) => `${name} cannot be made anew: ${error}`).join('; '), wayOut)
  },

  'room for builds': async (host) => {
    const disks = await disksOf(host)
    const tight = disks.filter(isTight)
    return tight.length === 0
      ? fine(disks.map(diskInWords).join('; '))
      : wrong(tight.map(diskInWords).join('; '), 'make room; what takes it, and the settings: docs/operating.md#disk')
  },

  runtimes: async ({ config }) => {
    const { listed, broken } = runtimesIn(config.builds.runtimes)
    return broken.length === 0
      ? fine(listed.map(({ runtime }) => runtime.name).join(', '))
      : wrong(
          broken.map(({ reason }) => reason).join('; '),
          'mend or remove the file; "berth runtime check FILE" tries it',
        )
  },

  haproxy: async ({ config }) => {
    const version = /version (\d+\.\d+)/.exec((await run(['/usr/sbin/haproxy', '-v'])).stdout)?.[1] ?? '0'
    if (Number.parseFloat(version) < 2.6) return wrong(`version ${version} is too old`, 'install 2.6 or newer')
    if (!existsSync(config.router.config)) return wrong('it has no configuration yet')
    const checked = await run(['/usr/sbin/haproxy', '-c', '-q', '-f', config.router.config])
    return checked.code === 0
      ? fine(version)
      : wrong(checked.stderr.trim(), `remove ${config.router.config}, then ${START}`)
  },

  server: async (host) =>
    (await serverAnswers(host))
      ? fine(`answers on port ${host.config.api.port}`)
      : wrong(
          `nothing answers on port ${host.config.api.port}`,
          `${START}; its log is ${join(host.config.logs.dir, 'server.log')}`,
        ),

  'git over ssh': async (host) =>
    (await sshAnswers(host))
      ? fine(`answers on port ${host.config.ssh.port}`)
      : wrong(`nothing answers on port ${host.config.ssh.port}`),

  router: async (host) =>
    (await routerAnswers(host))
      ? fine(`answers on port ${host.config.http.port}`)
      : wrong(`nothing answers on port ${host.config.http.port}`),

  packages: async (host) => {
    const { packages } = host.config
    if (packages.storage === 'local') return fine('kept on this machine only')
    if (wantsRegistry(host) && !(await registryAnswersAt(packages.own.port)))
      return wrong(`Berth's registry does not answer on port ${packages.own.port}`)
    if (!(await serverAnswers(host))) return wrong('the server, which keeps them, does not answer')
    const client = connect({ url: loopbackUrl(host), token: adminOf(host).token })
    const { place, problem, stored, storing } = await client.call(packageStorage, {})
    if (problem !== null) return wrong(problem, 'deploys go on meanwhile; docs/guides/packages.md')
    return fine(`${stored} at ${place}${storing > 0 ? `, ${storing} to be stored` : ''}`)
  },

  database: async (host) =>
    (await serverAnswers(host)) ? fine('in use by the server, which checked it') : integrity(host),
}

function integrity({ config }: Host): Verdict {
  if (!existsSync(config.db.path)) return wrong('there is none yet')
  const database = new DatabaseSync(config.db.path, { readOnly: true })
  try {
    const [row] = database.prepare('PRAGMA integrity_check(1)').all()
    const result = String(Object.values(row ?? {})[0])
    return result === 'ok' ? fine('intact') : wrong(result, 'restore a backup of it before the next start')
  } finally {
    database.close()
  }
}
