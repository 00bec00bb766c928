import { Refusal } from '../../model/refusal.ts'
import { answer, define } from '../command.ts'
import { forgetLogin, loginFile } from '../login.ts'

export const command = define({
  summary: 'Sign out: the token kept on this machine ends',
  examples: ['berth logout'],
  async run(cli) {
    const { url, from } = await cli.login()
    if (from !== loginFile(cli.env))
      return answer({ done: true }, () => [`nothing to forget: the login comes from ${from}`])
    const client = await cli.client()
    const done = await client.call('logout', {}).catch(alreadyGone)
    await forgetLogin(cli.env)
    return answer(done, () => [`signed out of ${url}`])
  },
})

function alreadyGone(error: unknown) {
  if (error instanceof Refusal && error.code === 'UNAUTHENTICATED') return { done: true }
  throw error
}
