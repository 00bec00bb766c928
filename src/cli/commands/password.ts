import { refuse } from '../../model/refusal.ts'
import { answer, define } from '../command.ts'
import { askSecret, canAsk, readStdin } from '../prompt.ts'

export const command = define({
  summary: 'Change your password',
  about: 'Without a terminal: the old one and the new one, a line each, on standard input.',
  examples: ['berth password'],
  async run(cli) {
    const body = canAsk() ? await asked() : await piped()
    const done = await (await cli.client()).call('changePassword', { body })
    return answer(done, () => ['your password is changed'])
  },
})

async function asked() {
  const current = await askSecret('Current password')
  const next = await askSecret('New password (at least 12 characters)')
  const again = await askSecret('New password again')
  return next === again ? { current, next } : refuse('INVALID', 'password', 'the two are not the same')
}

async function piped() {
  const [current = '', next = ''] = (await readStdin()).split(/\r?\n/)
  return { current, next }
}
