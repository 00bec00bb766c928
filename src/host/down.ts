import { labels } from '../model/instance.ts'
import { answers } from './dockerd.ts'
import { type Host, hostFrom } from './host.ts'
import type { Print } from './print.ts'

type Running = { Names: string[]; Labels: Record<string, string> }

/** Stops what `up` started. Data, images and the swarm stay; the next `up` continues from them. */
export async function down(env: NodeJS.ProcessEnv, print: Print): Promise<boolean> {
  const host = hostFrom(env, print)
  const { supervisor, parts } = host
  for (const part of [parts.sshd, parts.server, parts.router]) {
    await print.step(`Stopping ${part.name}`, async () => {
      await supervisor.stop(part)
      return 'stopped'
    })
  }
  await leaveDocker(host)
  return true
}

async function leaveDocker(host: Host) {
  const { print, supervisor, parts } = host
  if (!(await answers(host))) return
  const { own, foreign } = await containersOf(host)
  const ours = supervisor.kind === 'keepers' && (await supervisor.state(parts.dockerd)).state !== 'stopped'
  if (ours && foreign.length === 0) {
    return await print.step('Stopping dockerd', async () => {
      await supervisor.stop(parts.dockerd)
      return own.length > 0 ? `with ${count(own)}, back when it starts again` : 'stopped'
    })
  }
  if (ours) print.line(`dockerd goes on, since others use it: ${foreign.slice(0, 5).join(', ')}`)
  if (own.length > 0) print.line(`${count(own)} of apps go on in Docker; nothing is routed to them until "berth up"`)
}

const count = (instances: readonly string[]) => `${instances.length} instance${instances.length === 1 ? '' : 's'}`

async function containersOf({ engine, config }: Host): Promise<{ own: string[]; foreign: string[] }> {
  const running = await engine.api.json<Running[]>({ path: '/containers/json' })
  const isOwn = ({ Labels }: Running) => Labels[labels.cluster] === config.cluster
  const nameOf = ({ Names }: Running) => (Names[0] ?? '').replace(/^\//, '')
  return { own: running.filter(isOwn).map(nameOf), foreign: running.filter((one) => !isOwn(one)).map(nameOf) }
}
