import { createToken } from '../../../contract/tokens.ts'
import { most, refuseMore } from '../../../model/limits.ts'
import * as people from '../../store/people.ts'
import { tokenByName, tokensOf } from '../../store/tokens.ts'
import { handle } from '../handle.ts'
import { tokenView } from '../views/people.ts'

export const route = handle(createToken, async (_, call) => {
  const { name, expiresInDays } = call.body
  const expiresAt = expiresInDays ? new Date(Date.now() + expiresInDays * 86_400_000).toISOString() : null
  call.subject.target = `token ${name}`
  return await call.write('people', async (tx) => {
    const kept = (await tokensOf(tx, call.actor.id)).filter((one) => !one.name.startsWith('login '))
    refuseMore('your tokens', kept.length, most.tokensOfUser)
    const token = await people.createToken(tx, call.actor.id, name, expiresAt)
    return { ...tokenView(await tokenByName(tx, call.actor.id, name)), token }
  })
})
