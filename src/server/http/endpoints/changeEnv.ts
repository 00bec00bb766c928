import type { z } from 'zod'
import { changeEnv } from '../../../contract/env.ts'
import { checkEnvironment } from '../../../model/limits.ts'
import { refuse } from '../../../model/refusal.ts'
import { reachesRun, type Scope, type Variable } from '../../../model/variables.ts'
import type { AppRow, OperationRow } from '../../store/access.ts'
import { changeEnvNow, envRows, type SealedChange, variablesOf } from '../../store/env.ts'
import { requestOperation } from '../../store/operations.ts'
import { markSecret, secretNames } from '../../store/secrets.ts'
import type { WriteTx } from '../../store/store.ts'
import { authorizedApp } from '../authorized.ts'
import type { Call } from '../call.ts'
import type { ApiContext } from '../context.ts'
import { handle } from '../handle.ts'
import { hasRelease } from '../released.ts'
import { operationView } from '../views/operation.ts'

type EnvCall = Call<typeof changeEnv>
type Answer = z.input<(typeof changeEnv)['returns']>

export const route = handle(changeEnv, async (ctx, call): Promise<Answer> => {
  refuseNoChange(call.body)
  return await call.write(['operations', 'apps'], async (tx) => {
    const app = await authorizedApp(tx, call)
    await keepSecrets(tx, app, call.body.set)
    const wish = await wishOf(tx, ctx, call, app)
    const row = await change(tx, call, app, wish)
    const names = (await envRows(tx, app.id)).map(({ name }) => name)
    return { env: row ? changedNames(names, call.body) : names, operation: row ? operationView(row) : null }
  })
})

function refuseNoChange({ set, unset }: EnvCall['body']) {
  const names = Object.keys(set)
  if (names.length + unset.length === 0) refuse('INVALID', 'body', 'names no variable to set or unset')
  const both = unset.find((name) => names.includes(name))
  if (both) refuse('INVALID', 'unset', `${both} is also set`)
}

/** A name that held a secret stays one: an earlier release may still hold its value. */
async function keepSecrets(tx: WriteTx, app: AppRow, set: EnvCall['body']['set']) {
  const secrets = await secretNames(tx, app.id)
  const opened = Object.entries(set).find(([name, { secret }]) => secret === false && secrets.has(name))
  if (opened) refuse('INVALID', `set.${opened[0]}`, 'is a secret and stays one; use another name for a plain value')
  const marked = Object.entries(set).filter(([, { secret }]) => secret)
  await markSecret(
    tx,
    app.id,
    marked.map(([name]) => name),
  )
}

type Wish = {
  /** What containers do not notice: done at once. */
  readonly now: SealedChange
  /** What they do. */
  readonly released: SealedChange
}

async function wishOf(tx: WriteTx, { store }: ApiContext, { body }: EnvCall, app: AppRow): Promise<Wish> {
  const known = await variablesOf(tx, store.cipher, app.id)
  const set = Object.entries(body.set).map(([name, given]) => [name, completed(name, given, known[name])] as const)
  const kept = Object.entries(known).filter(([name]) => !body.unset.some((gone) => gone === name))
  checkEnvironment(Object.fromEntries([...kept, ...set].map(([name, { value }]) => [name, value])))
  const sealed = set.map(([name, { value, scope }]) => [name, { value: store.cipher.seal(value), scope }] as const)
  const after = Object.fromEntries(set)
  const given = new Set(Object.entries(body.set).flatMap(([name, { value }]) => (value === undefined ? [] : [name])))
  const noticed = (name: string) => {
    const [before, now] = [seenInRun(known[name]), seenInRun(after[name])]
    return before !== now || (now && given.has(name))
  }
  const part = (isIn: (name: string) => boolean) => ({
    set: Object.fromEntries(sealed.filter(([name]) => isIn(name))),
    unset: body.unset.filter(isIn),
  })
  return { now: part((name) => !noticed(name)), released: part(noticed) }
}

const seenInRun = (variable: Variable | undefined) => variable !== undefined && reachesRun(variable.scope)

type Given = { readonly value?: string | undefined; readonly scope?: Scope | undefined }

function completed(name: string, { value, scope }: Given, known: Variable | undefined): Variable {
  if (value === undefined && !known) return refuse('INVALID', `set.${name}`, 'has no value, and is not set yet')
  return { value: value ?? known?.value ?? '', scope: scope ?? known?.scope ?? 'run' }
}

async function change(tx: WriteTx, call: EnvCall, app: AppRow, wish: Wish): Promise<OperationRow | undefined> {
  const { now, released } = wish
  const nothing = Object.keys(released.set).length + released.unset.length === 0
  const waits = !nothing && call.query.release && (await hasRelease(tx, app))
  await changeEnvNow(tx, app.id, now)
  if (!waits) await changeEnvNow(tx, app.id, released)
  return waits ? await requestOperation(tx, app, { kind: 'env', ...split(released) }, call.actor.name) : undefined
}

const split = ({ set, unset }: SealedChange) => ({
  set: Object.fromEntries(Object.entries(set).map(([name, { value }]) => [name, value])),
  scopes: Object.fromEntries(Object.entries(set).map(([name, { scope }]) => [name, scope])),
  unset,
})

const changedNames = (names: readonly string[], { set, unset }: EnvCall['body']) =>
  [...new Set([...names.filter((name) => !unset.some((gone) => gone === name)), ...Object.keys(set)])].sort()
