import { answer, define } from '../command.ts'
import { readStdin } from '../prompt.ts'
import { details } from '../table.ts'
import { UsageError } from '../usage.ts'

const providers = ['github', 'gitlab', 'gitea', 'bitbucket'] as const

export const command = define({
  summary: 'Let a provider say when somebody has pushed to the repository of an app',
  app: true,
  options: {
    provider: { type: 'string', value: 'NAME', help: 'github, gitlab, gitea (and Forgejo) or bitbucket' },
    'token-stdin': { type: 'boolean', help: 'Read a token of the provider, to tell it what became of a commit' },
    'api-url': { type: 'string', value: 'URL', help: "Of the provider's API, where it is not where it usually is" },
  },
  about:
    'Prints the URL and the secret to enter there; the content type is application/json. The secret is not shown again.\n' +
    'Let it tell of pushes, and of pull requests too where the app is to have previews of them.\n' +
    'One hook serves every app of the team with the same repository.',
  examples: [
    'berth hook create --provider github -a blog',
    'berth hook create --provider gitlab --token-stdin -a blog < token',
  ],
  async run(cli, { values }) {
    const provider = providers.find((name) => name === values.provider)
    if (!provider) throw new UsageError(`--provider is one of ${providers.join(', ')}`, 'hook create')
    const [client, app] = [await cli.client(), await cli.app()]
    const token = values['token-stdin'] ? { token: (await readStdin()).trim() } : {}
    const apiUrl = values['api-url'] === undefined ? {} : { apiUrl: values['api-url'] }
    const hook = await client.call('createHook', { params: { app }, body: { provider, ...token, ...apiUrl } })
    return answer(hook, () => [
      ...details([
        ['hook', hook.id],
        ['url', hook.url],
        ['secret', hook.secret],
      ]),
      'Keep the secret: it is not shown again.',
    ])
  },
})
