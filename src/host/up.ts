import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ensureNetwork } from '../network/network.ts'
import { ensureRouter, ensureServer, ensureSshd } from './control.ts'
import { ensureEngine, findClient } from './dockerd.ts'
import { deployExample } from './hello.ts'
import { type Host, hostFrom } from './host.ts'
import { inventory, summarize } from './inventory.ts'
import { linkFrom } from './link.ts'
import { ensureLogin } from './login.ts'
import type { Print, Told } from './print.ts'
import { ensureRegistry, wantsRegistry } from './registry.ts'
import { environmentOfParts, keepSettings, settingsFile, settingsIn } from './settings.ts'
import { ensureStack } from './stack.ts'
import { ensureAnySwarm, ensureSwarm } from './swarm.ts'

/** Everything that must run, started in order; each step finds what an earlier run has done, and may be killed. */
export async function up(env: NodeJS.ProcessEnv, print: Print): Promise<boolean> {
  await summarize(await start(env, print), print)
  return true
}

/** The same for programs. */
export async function upJson(env: NodeJS.ProcessEnv, aside: Print): Promise<Told> {
  return { ok: true, json: await inventory(await start(env, aside)) }
}

async function start(env: NodeJS.ProcessEnv, print: Print): Promise<Host> {
  await rememberSettings(env, print)
  const host = await platform(env, print)
  if (wantsRegistry(host)) await print.step('Package registry', () => ensureRegistry(host))
  await print.step('Server', () => ensureServer(host))
  await print.step('Git over SSH', () => ensureSshd(host))
  await print.step('Router', () => ensureRouter(host))
  await print.step('Login for this user', () => ensureLogin(host))
  linkCommand(host)
  await deployExample(host)
  return host
}

/** What tests need: the Engine, any swarm (all that they make in it is labelled and removed) and the base image. */
export async function prepareTests(env: NodeJS.ProcessEnv, print: Print): Promise<boolean> {
  const host = hostFrom(env, print)
  await print.step('Docker Engine', () => ensureEngine(host))
  await print.step('Swarm', () => ensureAnySwarm(host))
  await print.step('Base image', () => ensureStack(host))
  return true
}

/** Settings that changed reach the parts by a restart; so the parts stop while the old ones are still known. */
async function rememberSettings(env: NodeJS.ProcessEnv, print: Print) {
  const file = settingsFile(env)
  const before = existsSync(file) ? hostFrom(environmentOfParts(env), print) : undefined
  hostFrom(env, print)
  const { changed } = keepSettings(file, settingsIn(env))
  if (before && (changed || (await wasEdited(before, file)))) await print.step('New settings', () => stopParts(before))
}

/** By hand, since the server was started; when that was is known to a second or two. */
async function wasEdited({ supervisor, parts }: Host, file: string): Promise<boolean> {
  const { since } = await supervisor.state(parts.server)
  return since !== null && statSync(file).mtimeMs > since.getTime() + 2_000
}

async function stopParts({ supervisor, parts }: Host): Promise<string> {
  for (const part of [parts.sshd, parts.server, parts.registry, parts.router]) await supervisor.stop(part)
  return 'what ran with the old ones was stopped'
}

/** Docker and what Berth keeps in it. */
async function platform(env: NodeJS.ProcessEnv, print: Print): Promise<Host> {
  const first = hostFrom(env, print)
  await print.step('Docker Engine', () => ensureEngine(first))
  await print.step('Swarm', () => ensureSwarm(first))
  const host = await withChoices(first, env)
  await print.step('Network', () => network(host))
  await print.step('Base image', () => ensureStack(host))
  return host
}

/** What depends on this machine is looked up once, then kept like any other setting. */
async function withChoices({ config, print }: Host, env: NodeJS.ProcessEnv): Promise<Host> {
  const file = settingsFile(env)
  keepSettings(file, {
    docker_client: await findClient(config.docker.client, env),
  })
  return hostFrom(env, print)
}

async function network({ config, engine }: Host): Promise<string> {
  const { cluster, docker } = config
  const made = await ensureNetwork({ engine, cluster, ...docker })
  return `${docker.network}${made ? '' : ', there'}`
}

/** So that `berth` can be typed anywhere; not for an installation with settings of its own. */
function linkCommand({ root, env }: Host) {
  if (!env.BERTH_CONFIG) linkFrom('/usr/local/bin/berth', join(root, 'berth'))
}
