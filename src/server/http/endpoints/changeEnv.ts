import { changeEnv } from '../../../contract/env.ts'
import { checkEnvironment } from '../../../model/limits.ts'
import { refuse } from '../../../model/refusal.ts'
import type { AppRow, OperationRow } from '../../store/access.ts'
import { envOf } from '../../store/apps.ts'
import { changeEnvNow, envRows } from '../../store/env.ts'
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

export const route = handle(changeEnv, async (ctx, call) => {
  refuseNoChange(call.body)
  return await call.write(['operations', 'apps'], async (tx) => {
    const app = await authorizedApp(tx, call)
    await keepSecrets(tx, app, call.body.set)
    checkEnvironment(await afterwards(tx, ctx, call, app))
    const row = await change(tx, ctx, call, app)
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

async function afterwards(tx: WriteTx, { store }: ApiContext, { body }: EnvCall, app: AppRow) {
  const before = Object.entries(await envOf(tx, store.cipher, app.id)).filter(
    ([name]) => !body.unset.some((gone) => gone === name),
  )
  const set = Object.entries(body.set).map(([name, { value }]) => [name, value] as const)
  return Object.fromEntries([...before, ...set])
}

async function change(tx: WriteTx, ctx: ApiContext, call: EnvCall, app: AppRow): Promise<OperationRow | undefined> {
  const { seal } = ctx.store.cipher
  const set = Object.fromEntries(Object.entries(call.body.set).map(([name, { value }]) => [name, seal(value)]))
  const { unset } = call.body
  if (call.query.release && (await hasRelease(tx, app))) {
    return await requestOperation(tx, app, { kind: 'env', set, unset }, call.actor.name)
  }
  await changeEnvNow(tx, app.id, { set, unset })
  return undefined
}

const changedNames = (names: readonly string[], { set, unset }: EnvCall['body']) =>
  [...new Set([...names.filter((name) => !unset.some((gone) => gone === name)), ...Object.keys(set)])].sort()
