import type { OperationInput } from '../../model/operation.ts'
import { routedProcess } from '../../model/release.ts'
import { changeEnvNow, replaceRunVariables, scopesOf } from '../store/env.ts'
import { routers } from '../store/instances.ts'
import { lookUntil } from '../store/lookUntil.ts'
import { enterPhase, inputOf } from '../store/operations.ts'
import { liveRelease, makeLive, type ReleaseRow, releaseOfOperation, releaseVariables } from '../store/releases.ts'
import { type SetRow, setRole, setsOfApp, setsOfOperation } from '../store/sets.ts'
import type { WriteTx } from '../store/store.ts'
import { finishOrEnd } from './finishing.ts'
import type { InputOf, Run } from './parts.ts'
import { applyScales, scalePlans } from './scale.ts'

/** How long a router may take to follow before we stop waiting for it; it follows all the same. */
const routerPatienceMs = 30_000

/** One transaction: the new sets serve, the replaced ones drain, what was asked for is what is wanted. */
export async function swap(run: Run): Promise<void> {
  const { store, operation } = run
  await store.write(['operations', 'sets', 'apps'], async (tx) => {
    const fresh = await setsOfOperation(tx, operation.id)
    const old = await replacedBy(tx, run, fresh)
    await setRole(
      tx,
      fresh.map(({ id }) => id),
      'live',
    )
    await setRole(tx, old, 'draining')
    await settle(tx, run)
    await enterPhase(tx, operation, 'swapping')
  })
}

async function replacedBy(tx: WriteTx, run: Run, fresh: readonly SetRow[]): Promise<string[]> {
  const input = inputOf(run.operation)
  const live = (await setsOfApp(tx, run.appId)).filter(({ role }) => role === 'live')
  if (input.kind === 'scale') {
    const release = await liveRelease(tx, run.appId)
    return release ? Object.values(await scalePlans(tx, run, release, input)).flatMap(({ drain }) => drain) : []
  }
  const processes = fresh.map(({ process }) => process)
  const replaced = input.kind === 'restart' ? live.filter(({ process }) => processes.includes(process)) : live
  return replaced.map(({ id }) => id)
}

async function settle(tx: WriteTx, run: Run) {
  const input = inputOf(run.operation)
  const release = await releaseOfOperation(tx, run.operation.id)
  if (release) await makeLive(tx, release)
  if (input.kind === 'scale') await applyScales(tx, run, input)
  if (release && input.kind === 'env') await settleEnv(tx, run, release, input)
  if (release && bringsVariables(input)) await settleRollback(tx, run, release)
}

const bringsVariables = (input: OperationInput) =>
  input.kind === 'rollback' || (input.kind === 'release' && input.envFrom !== null)

async function settleEnv(tx: WriteTx, run: Run, release: ReleaseRow, { set, scopes = {} }: InputOf<'env'>) {
  await replaceRunVariables(tx, run.store.cipher, run.appId, releaseVariables(run.store.cipher, release))
  const entries = Object.entries(set).flatMap(([name, value]) =>
    scopes[name] === 'build' ? [[name, { value, scope: 'build' as const }] as const] : [],
  )
  await changeEnvNow(tx, run.appId, { set: Object.fromEntries(entries), unset: [] })
}

/** A rollback brings values back; what builds see beside the containers is as it was said last. */
async function settleRollback(tx: WriteTx, run: Run, release: ReleaseRow) {
  const known = await scopesOf(tx, run.appId)
  const wanted = Object.entries(releaseVariables(run.store.cipher, release)).map(([name, { value, scope }]) => {
    const now = known.get(name) ?? scope
    return [name, { value, scope: now === 'build' ? 'both' : now }] as const
  })
  await replaceRunVariables(tx, run.store.cipher, run.appId, Object.fromEntries(wanted))
}

/** Done when every router sends requests to the new sets. */
export async function swapping(run: Run): Promise<void> {
  const deadline = Date.now() + routerPatienceMs
  await lookUntil({ ...run, topics: ['instances'], everyMs: 1_000 }, async () => {
    if (await everyRouterFollows(run)) return true
    if (Date.now() <= deadline) return false
    await run.say(' !     The router does not answer; it will follow when it is back (see berth doctor)')
    return true
  })
  if (run.signal.aborted) return
  await run.store.write('operations', (tx) => finishOrEnd(tx, run))
}

async function everyRouterFollows(run: Run): Promise<boolean> {
  const [sets, seen] = await run.store.read(async (tx) => [
    await setsOfOperation(tx, run.operation.id),
    await routers(tx),
  ])
  const routed = sets.filter(({ process, role }) => process === routedProcess && role === 'live').map(({ id }) => id)
  return seen.every((router) => routed.every((id) => (JSON.parse(router.routed) as string[]).includes(id)))
}
