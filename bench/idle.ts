import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../src/lib/exec.ts'
import { startBerth } from '../test/harness/berth.ts'
import { newRepository } from '../test/harness/repository.ts'
import { site } from '../test/harness/site.ts'
import { table } from './table.ts'

/**
 * What Berth costs while nothing happens: memory and CPU of the server (with its agent) and of HAProxy with no app and
 * with 50 apps, each with one running instance that is probed and whose log is followed.
 */
const apps = Number(process.env.APPS ?? 50)
const seconds = Number(process.env.SECONDS ?? 60)
const ticksPerSecond = 100

type Use = { readonly rssMb: number; readonly cpuPercent: number }

await using berth = await startBerth()
await sleep(5_000)
const rows = [...(await measure('0 apps'))]
await deployAll()
rows.push(...(await measure(`${apps} apps`)))
console.log(`\nAt rest, measured over ${seconds} s\n`)
console.log(table(['', 'RSS MB', 'CPU % of a core'], rows))
console.log('\ntarget: server and agent with 50 apps at most 150 MB and under 1 %')

async function measure(what: string): Promise<[string, string, string][]> {
  await sleep(20_000)
  const server = Number(berth.server.pid())
  const router = await childrenOf(Number(berth.router.pid()))
  const before = await Promise.all([ticks([server]), ticks(router)])
  await sleep(seconds * 1_000)
  const after = await Promise.all([ticks([server]), ticks(router)])
  const use = async (pids: readonly number[], at: 0 | 1): Promise<Use> => ({
    rssMb: await rss(pids),
    cpuPercent: ((after[at] - before[at]) / ticksPerSecond / seconds) * 100,
  })
  const cells = (name: string, { rssMb, cpuPercent }: Use): [string, string, string] => [
    `${what}: ${name}`,
    rssMb.toFixed(0),
    cpuPercent.toFixed(2),
  ]
  return [cells('server + agent', await use([server], 0)), cells('HAProxy', await use(router, 1))]
}

/** One push builds the image; the other apps are built from the same source, so their layers are there. */
async function deployAll() {
  await using repository = await newRepository(site({ text: 'idle' }))
  for (let n = 0; n < apps; n++) {
    const name = `idle-${n}`
    await berth.createApp(name)
    const { code, stderr } = await berth.push(repository, name)
    if (code !== 0) throw new Error(stderr)
    process.stderr.write(`\r${n + 1} of ${apps} apps`)
  }
  process.stderr.write('\n')
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run(['pgrep', '--parent', String(pid)])
  return [pid, ...stdout.trim().split('\n').filter(Boolean).map(Number)]
}

/** User and system time of processes, in clock ticks. */
async function ticks(pids: readonly number[]): Promise<number> {
  const all = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(fields[11]) + Number(fields[12])
    }),
  )
  return all.reduce((sum, one) => sum + one, 0)
}

async function rss(pids: readonly number[]): Promise<number> {
  const all = await Promise.all(
    pids.map(async (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)),
  )
  return all.reduce((sum, one) => sum + one, 0) / 1024
}
