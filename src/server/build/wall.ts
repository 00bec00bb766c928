import { openEngine } from '../../engine/engine.ts'
import { type Argv, output, run } from '../../lib/exec.ts'
import type { HostSettings } from '../../lib/hostSettings.ts'
import { log } from '../../lib/log.ts'
import { buildWall } from '../../model/buildWall.ts'
import type { BuildSettings } from './request.ts'

const againMs = 30_000
const { to: forwarded } = buildWall.forwarded
const { to: local } = buildWall.local

type Way = (typeof buildWall)[keyof typeof buildWall]

let known: { key: string; at: number; done: Promise<void> } | undefined

/**
 * Steps run on the Engine's default bridge; the BuildKit inside of it knows no other network. They reach the world and its
 * mirrors, and not what listens on this machine, but for the ports given and those that the machine's own settings name;
 * nor addresses of the link, where clouds have their metadata. The rules are made anew after whatever has removed them.
 */
export async function raiseWall(settings: BuildSettings, host: HostSettings): Promise<void> {
  const { hostPorts, dockerSocket } = settings
  if (!hostPorts || hostPorts === 'all') return
  const ports = [...new Set([...hostPorts, ...portsIn(host)])].sort((a, b) => a - b)
  const key = `${dockerSocket} ${ports.join()}`
  if (known?.key !== key || Date.now() - known.at > againMs)
    known = { key, at: Date.now(), done: raised(settings, ports) }
  await known.done
}

const raised = (settings: BuildSettings, ports: readonly number[]) =>
  setRules(settings, ports).catch((error: unknown) =>
    log.warn({ error }, 'build steps can reach what listens on this machine: its packet filter cannot be set'),
  )

async function setRules({ dockerSocket }: BuildSettings, ports: readonly number[]): Promise<void> {
  const bridge = await bridgeOf(dockerSocket)
  await output(['iptables-restore', '--wait', '5', '--noflush'], { input: rulesOf(ports) })
  for (const way of Object.values(buildWall)) await jump(way, bridge)
}

/** Pure: both chains whole. */
export function rulesOf(ports: readonly number[]): string {
  const answers = '-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN'
  const rules = [
    `-A ${forwarded} ${answers}`,
    `-A ${forwarded} -d 169.254.0.0/16 -j REJECT`,
    `-A ${local} ${answers}`,
    `-A ${local} -d 169.254.0.0/16 -j REJECT`,
    `-A ${local} -p icmp -j RETURN`,
    ...['udp', 'tcp'].map((protocol) => `-A ${local} -p ${protocol} --dport 53 -j RETURN`),
    ...ports.map((port) => `-A ${local} -p tcp --dport ${port} -j RETURN`),
    `-A ${local} -j REJECT`,
  ]
  return `*filter\n:${forwarded} - [0:0]\n:${local} - [0:0]\n${rules.join('\n')}\nCOMMIT\n`
}

async function jump({ from, to }: Way, bridge: string): Promise<void> {
  const rule = ['-i', bridge, '-j', to] as const
  const iptables = (how: readonly string[]): Argv => ['iptables', '--wait', '5', ...how, ...rule]
  if ((await run(iptables(['-C', from]))).code !== 0) await output(iptables(['-I', from]))
}

async function bridgeOf(socket: string): Promise<string> {
  const { Options } = await openEngine(socket).api.json<{ Options: Record<string, string> | null }>({
    path: '/networks/bridge',
  })
  return Options?.['com.docker.network.bridge.name'] ?? 'docker0'
}

/** Mirrors and proxies that may run on this very machine. */
function portsIn({ files, proxies }: HostSettings): number[] {
  const settings = files.filter(({ name }) => name !== 'ca.crt').map(({ content }) => content)
  const urls = [...settings, ...Object.values(proxies)]
    .join('\n')
    .matchAll(/\bhttps?:\/\/[^\s/"']*?(?::(\d{1,5}))?(?=[\s/"';]|$)/g)
  return [...urls]
    .map(([url, port]) => Number(port ?? (url.startsWith('https') ? 443 : 80)))
    .filter((port) => port < 65_536)
}
