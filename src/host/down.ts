import { labels } from '../model/instance.ts'
import { answers } from './dockerd.ts'
import { type Host, hostFrom } from './host.ts'
import type { Part } from './parts.ts'
import type { Print, Told } from './print.ts'
import { lowerWall } from './wall.ts'

type Running = { Names: string[]; Labels: Record<string, string> }

/** What was done, and what goes on in Docker because it is not ours to stop. */
type Left = {
  readonly stopped: readonly string[]
  readonly instances: readonly string[]
  /** Containers of others, for which a dockerd that we started goes on. */
  readonly dockerdUsedBy: readonly string[]
}

/** Stops what `up` started. Data, images and the swarm stay; the next `up` continues from them. */
export async function down(env: NodeJS.ProcessEnv, print: Print): Promise<boolean> {
  const { instances, dockerdUsedBy: others } = await stop(hostFrom(env, print))
  if (others.length > 0) print.line(`dockerd goes on, since others use it: ${others.slice(0, 5).join(', ')}`)
  if (instances.length > 0)
    print.line(`${count(instances)} of apps go on in Docker; nothing is routed to them until "berth up"`)
  return true
}

/** The same for programs. */
export async function downJson(env: NodeJS.ProcessEnv, aside: Print): Promise<Told> {
  return { ok: true, json: await stop(hostFrom(env, aside)) }
}

async function stop(host: Host): Promise<Left> {
  const { sshd, server, registry, router } = host.parts
  const own = [sshd, server, ...((await isThere(host, registry)) ? [registry] : []), router]
  for (const part of own) await stopPart(host, part, 'stopped')
  await lowerWall()
  const left = await leaveDocker(host)
  return { ...left, stopped: [...own.map(({ name }) => name), ...left.stopped] }
}

const isThere = async ({ supervisor }: Host, part: Part) => (await supervisor.state(part)).state !== 'stopped'

const stopPart = ({ print, supervisor }: Host, part: Part, result: string) =>
  print.step(`Stopping ${part.name}`, async () => {
    await supervisor.stop(part)
    return result
  })

async function leaveDocker(host: Host): Promise<Left> {
  const { supervisor, parts } = host
  if (!(await answers(host))) return { stopped: [], instances: [], dockerdUsedBy: [] }
  const { own, foreign } = await containersOf(host)
  const ours = supervisor.kind === 'keepers' && (await supervisor.state(parts.dockerd)).state !== 'stopped'
  if (!ours || foreign.length > 0) return { stopped: [], instances: own, dockerdUsedBy: ours ? foreign : [] }
  await stopPart(host, parts.dockerd, own.length > 0 ? `with ${count(own)}, back when it starts again` : 'stopped')
  return { stopped: [parts.dockerd.name], instances: [], dockerdUsedBy: [] }
}

const count = (instances: readonly string[]) => `${instances.length} instance${instances.length === 1 ? '' : 's'}`

async function containersOf({ engine, config }: Host): Promise<{ own: string[]; foreign: string[] }> {
  const running = await engine.api.json<Running[]>({ path: '/containers/json' })
  const isOwn = ({ Labels }: Running) => Labels[labels.cluster] === config.cluster
  const nameOf = ({ Names }: Running) => (Names[0] ?? '').replace(/^\//, '')
  return { own: running.filter(isOwn).map(nameOf), foreign: running.filter((one) => !isOwn(one)).map(nameOf) }
}
