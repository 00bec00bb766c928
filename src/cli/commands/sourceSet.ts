import { answer, define, type Input } from '../command.ts'
import { readStdin } from '../prompt.ts'
import { secondsOf, sourceLines } from '../sources.ts'
import { UsageError } from '../usage.ts'

const kinds = ['git', 'hg', 'svn', 'bzr'] as const

const options = {
  ref: { type: 'string', value: 'REF', help: 'Branch, tag, commit, or a pattern of tags like "v*" (default: its own)' },
  kind: { type: 'string', value: 'KIND', help: 'git, hg, svn or bzr (default: by the URL, else git)' },
  poll: { type: 'string', value: 'TIME', help: 'Look for news that often (5m, 1h; never)' },
  folder: { type: 'string', value: 'FOLDER', help: 'Build only this folder of it ("." for all)' },
  watch: { type: 'string', value: 'GLOB,…', help: 'Deploy only when one of these changed ("" for any)' },
  'password-stdin': { type: 'boolean', help: "Read the password or token of the URL's user from standard input" },
} as const

export const command = define({
  summary: 'Say which repository an app is fetched from, and what of it matters',
  args: '[URL]',
  app: true,
  options,
  about:
    'For an ssh URL Berth makes a key for this app and prints its public half, to be added where the repository is.\n' +
    '--folder and --watch also concern apps that are pushed to.',
  examples: [
    'berth source set https://github.com/ada/blog.git --poll 5m -a blog',
    'berth source set git@github.com:ada/shop.git --ref release --folder api -a shop',
    'berth source set https://svn.example.com/shop/trunk --kind svn -a shop',
    'berth source set --folder services/api --watch "services/api/**,lib/**" -a api',
  ],
  async run(cli, { args: [url], values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const password = values['password-stdin'] ? { password: (await readStdin()).trim() } : {}
    const body = { ...(url !== undefined && { url }), ...changes(values), ...password }
    if (Object.keys(body).length === 0) throw new UsageError('URL is missing', 'source set')
    const source = await client.call('setSource', { params: { app }, body })
    return answer(source, () => sourceLines(app, source))
  },
})

function changes({ ref, kind, poll, folder, watch }: Input<typeof options>['values']) {
  return {
    ...(ref !== undefined && { ref: ref === '' ? null : ref }),
    ...(kind !== undefined && { kind: kindNamed(kind) }),
    ...(poll !== undefined && { pollSeconds: interval(poll) }),
    ...(folder !== undefined && { folder }),
    ...(watch !== undefined && { watch: watch.split(',').filter((glob) => glob.trim() !== '') }),
  }
}

const kindNamed = (text: string) => kinds.find((kind) => kind === text) ?? usage(`--kind is one of ${kinds.join(', ')}`)

const interval = (text: string) =>
  secondsOf(text) ?? (text === 'never' ? null : usage('--poll is a time like 90s, 5m or 1h, or never'))

function usage(text: string): never {
  throw new UsageError(text, 'source set')
}
