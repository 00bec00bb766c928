import { type GateInstance, type GateSet, gate, type Verdict } from '../../model/gate.ts'
import { printable } from '../../model/printable.ts'
import { refusal } from '../../model/refusal.ts'
import { type InstanceRow, instancesOfSets } from '../store/instances.ts'
import { lookUntil } from '../store/lookUntil.ts'
import { formationOf, liveRelease, type ReleaseRow, releaseOfOperation } from '../store/releases.ts'
import { type SetRow, setsOfOperation } from '../store/sets.ts'
import type { ReadTx } from '../store/store.ts'
import { hidingOf } from './hiding.ts'
import type { Run } from './parts.ts'
import { swap } from './swapping.ts'

/** Nothing of the old release is touched until every new instance is healthy. */
export async function gating(run: Run): Promise<void> {
  const started = Date.now()
  const open = await waitForGate(run, started)
  if (!open) return
  if (open.waited) await run.say(`       Healthy after ${seconds(Date.now() - started)}`)
  await swap(run)
}

/** Undefined when the signal came first. */
async function waitForGate(run: Run, started: number): Promise<{ readonly waited: boolean } | undefined> {
  let said = ''
  const opened = await lookUntil({ ...run, topics: ['instances'], everyMs: 1_000 }, async () => {
    const { verdict, sets, instances } = await look(run, Date.now() - started)
    if (verdict.is === 'open') return true
    if (verdict.is === 'shut') await giveUp(run, verdict, await complaintOf(run, sets, instances))
    said = await sayOnce(run, said, startText(sets))
    return false
  })
  return opened ? { waited: said !== '' } : undefined
}

async function look(run: Run, elapsedMs: number) {
  const [release, sets, instances] = await run.store.read(async (tx) => {
    const sets = await setsOfOperation(tx, run.operation.id)
    return [
      await releaseUnderGate(tx, run),
      sets,
      await instancesOfSets(
        tx,
        sets.map(({ id }) => id),
      ),
    ] as const
  })
  const bySet = Map.groupBy(instances, ({ set_id }) => set_id)
  const gateSets = sets.map(
    (set): GateSet => ({
      process: set.process,
      count: set.count,
      instances: (bySet.get(set.id) ?? []).map(gateInstance),
    }),
  )
  return { verdict: gate(gateSets, formationOf(release).health, elapsedMs), sets, instances }
}

/** A deploy gates its own release; a restart or a scale the one that is live. */
async function releaseUnderGate(tx: ReadTx, run: Run): Promise<ReleaseRow> {
  const release = (await releaseOfOperation(tx, run.operation.id)) ?? (await liveRelease(tx, run.appId))
  if (!release) throw new Error(`operation ${run.operation.id} gates no release`)
  return release
}

const gateInstance = (row: InstanceRow): GateInstance => ({
  id: row.id,
  state: row.state,
  health: row.health,
  exitCode: row.exit_code,
  oomKilled: row.oom_killed === 1,
  note: row.note,
})

/** What Swarm or the Engine says of sets that have no instance at all. */
async function complaintOf(run: Run, sets: readonly SetRow[], instances: readonly InstanceRow[]): Promise<string> {
  const empty = sets.filter(({ id, count }) => count > 0 && !instances.some(({ set_id }) => set_id === id))
  for (const set of empty) {
    const complaint = set.note || (await run.engine.services.complaints(set.service).catch(() => []))[0]
    if (complaint) return complaint
  }
  return ''
}

async function giveUp(run: Run, verdict: Extract<Verdict, { is: 'shut' }>, complaint: string): Promise<never> {
  const lines = await run.appLogs.tail({
    app: run.operation.app,
    lines: 50,
    ...(verdict.instance && { instance: verdict.instance }),
  })
  if (lines.length > 0)
    await run.say(
      `-----> ${lines.length === 1 ? 'The only line' : `The last ${lines.length} lines`} of ${verdict.process}:`,
    )
  const hide = await hidingOf(run, await run.store.read((tx) => releaseUnderGate(tx, run)))
  for (const line of lines) await run.say(`       ${hide(printable(line.text))}`)
  throw refusal('NOT_HEALTHY', verdict.process, complaint ? `${verdict.reason}: ${complaint}` : verdict.reason)
}

async function sayOnce(run: Run, said: string, text: string): Promise<string> {
  if (text !== said) await run.say(text)
  return text
}

const startText = (sets: readonly SetRow[]) =>
  `-----> Starting ${sets.map(({ process, count }) => `${process}×${count}`).join(', ')}`

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
