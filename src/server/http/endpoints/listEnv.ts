import type { z } from 'zod'
import { listEnv, type Variable } from '../../../contract/env.ts'
import { envRows } from '../../store/env.ts'
import { secretNames } from '../../store/secrets.ts'
import type { ReadTx } from '../../store/store.ts'
import { authorizedApp } from '../authorized.ts'
import type { Call } from '../call.ts'
import type { ApiContext } from '../context.ts'
import { handle } from '../handle.ts'

export const route = handle(listEnv, (ctx, call) => {
  const read = (tx: ReadTx) => variables(tx, ctx, call)
  return call.query.values ? call.write([], read) : ctx.store.read(read)
})

async function variables(tx: ReadTx, { store }: ApiContext, call: Call<typeof listEnv>) {
  const app = await authorizedApp(tx, call)
  const secrets = await secretNames(tx, app.id)
  const rows = await envRows(tx, app.id)
  return rows.map(({ name, value, scope, updated_at }): z.input<typeof Variable> => {
    const secret = secrets.has(name)
    const open = call.query.values && !secret
    return { name, scope, secret, value: open ? store.cipher.open(value) : null, updatedAt: updated_at }
  })
}
