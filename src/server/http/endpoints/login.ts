import { login } from '../../../contract/sessions.ts'
import type { Label } from '../../../model/names.ts'
import { refuse } from '../../../model/refusal.ts'
import { record } from '../../store/events.ts'
import { randomId } from '../../store/ids.ts'
import { actorById, createToken, passwordMatches, userByName } from '../../store/people.ts'
import { forgetExpired } from '../../store/tokens.ts'
import { networkOf } from '../clientAddress.ts'
import type { ApiContext } from '../context.ts'
import { handleAnyone } from '../handle.ts'
import { limited } from '../limited.ts'
import { whoamiView } from '../views/people.ts'

const days = 90

export const route = handleAnyone(login, async (ctx, { body: { name, password }, address }) => {
  const keys = [`account ${name}`, `address ${networkOf(address)}`]
  const userId = await noted(ctx, name, address, () => limited(ctx.logins, keys, () => userIdOf(ctx, name, password)))
  const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString()
  return await ctx.store.write('people', async (tx) => {
    const actor = (await actorById(tx, userId)) ?? refuse('UNAUTHENTICATED')
    await forgetExpired(tx, userId)
    const token = await createToken(tx, userId, `login ${randomId(8)}` as Label, expiresAt)
    await record(tx, { name }, audit(address, name, 'ok'))
    return { token, expiresAt, user: await whoamiView(tx, actor) }
  })
})

/** Takes as long for a name that does not exist, so that nobody finds out which do. */
async function userIdOf({ store }: ApiContext, name: string, password: string): Promise<string | undefined> {
  const user = await store.read((tx) => userByName(tx, name))
  const matches = await passwordMatches(password, user?.password_hash ?? nobody)
  return matches && user && !user.disabled ? user.id : undefined
}

const nobody = `scrypt.${'00'.repeat(16)}.${'00'.repeat(32)}`

const audit = (source: string, target: string, result: string) => ({
  action: 'login',
  target,
  teamId: null,
  source,
  result,
})

/** Wrong passwords stand in the audit log; whoever meets a shut door costs no write. */
async function noted({ store }: ApiContext, name: string, address: string, check: () => Promise<string | undefined>) {
  const userId = await check()
  if (userId) return userId
  await store.write('people', (tx) => record(tx, { name }, audit(address, name, 'UNAUTHENTICATED')))
  return refuse('UNAUTHENTICATED')
}
