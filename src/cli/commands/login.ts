import { Refusal, refuse } from '../../model/refusal.ts'
import { answer, define } from '../command.ts'
import { Failed } from '../failure.ts'
import { defaultUrl, saveLogin, tidyUrl } from '../login.ts'
import { ask, askSecret, canAsk, readStdin } from '../prompt.ts'

export const command = define({
  summary: 'Sign in to a Berth server',
  args: '[URL]',
  options: {
    user: { type: 'string', short: 'u', value: 'NAME', help: 'Who you are (else asked for)' },
    'token-stdin': { type: 'boolean', help: 'Read a token from standard input instead of asking for a password' },
    'password-stdin': { type: 'boolean', help: 'Read the password from standard input' },
  },
  about: 'The token is kept in ~/.config/berth/config.json, which only you can read.',
  examples: ['berth login https://berth.example.com', 'berth login https://berth.example.com --token-stdin < token'],
  async run(cli, { args: [given], values }) {
    const { connectDirect } = await import('../../client/direct.ts')
    const url = tidyUrl(given ?? cli.env.BERTH_URL ?? (canAsk() ? await ask('Server', defaultUrl) : defaultUrl))
    const token = values['token-stdin'] ? await fromStdin('token') : await tokenFor(url, values)
    const user = await connectDirect({ url, token }).call('whoami', {}).catch(notTaken(url, 'token'))
    const file = await saveLogin(cli.env, { url, token, user: user.name })
    return answer(user, () => [`signed in to ${url} as ${user.name} (kept in ${file})`])
  },
})

type Who = { readonly user?: string | undefined; readonly 'password-stdin'?: boolean | undefined }

async function tokenFor(url: string, { user, 'password-stdin': piped }: Who): Promise<string> {
  if (!canAsk() && !(user !== undefined && piped))
    refuse('INVALID', 'login', 'no terminal to ask on; use --token-stdin, or --user NAME --password-stdin')
  const name = user ?? (await ask('User', 'admin'))
  const password = piped ? await fromStdin('password') : await askSecret('Password')
  const { connectDirect } = await import('../../client/direct.ts')
  const { token } = await connectDirect({ url })
    .call('login', { body: { name, password } })
    .catch(notTaken(url, 'password'))
  return token
}

const notTaken = (url: string, what: string) => (error: unknown) => {
  if (error instanceof Refusal && error.code === 'UNAUTHENTICATED')
    throw new Failed(`${url} does not take this ${what === 'token' ? what : `name and ${what}`}`)
  throw error
}

async function fromStdin(what: string): Promise<string> {
  const text = (await readStdin()).trim()
  return text || refuse('INVALID', what, 'standard input was empty')
}
