import type { DirectClient } from '../../client/direct.ts'
import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { pack } from '../pack.ts'
import { describeSource } from '../source.ts'
import { counted } from '../upload.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'Deploy a folder',
  args: '[FOLDER]',
  app: true,
  options: {
    message: { type: 'string', short: 'm', value: 'TEXT', help: 'What it is (default: the last commit)' },
    metadata: { type: 'boolean', help: "Send nothing: let the app's metadata of uPaaS fetch the code" },
    fresh: { type: 'boolean', help: 'Take nothing from earlier builds' },
    ...detachOption,
  },
  about:
    'Sends what git sees in FOLDER (this one unless named), changes that are not committed included and ignored files not;\n' +
    'without git, all of it. .berthignore, written like .gitignore, leaves out more.',
  examples: ['berth deploy', 'berth deploy ./site -a blog -m "New front page"', 'berth deploy --metadata -a blog'],
  async run(cli, { args: [folder], values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const { fresh = false } = values
    if (values.metadata) return await finish(cli, await fromMetadata(client, app, folder, values), values)
    const message = values.message ?? (await describeSource(folder ?? '.'))
    const packed = await pack(folder ?? '.')
    const upload = { type: 'application/gzip', bytes: counted(packed) } as const
    const operation = await client
      .upload('deploy', { params: { app }, query: { message, ...(fresh && { fresh: 'true' as const }) } }, upload)
      .catch((error) => {
        throw packed.errored ?? error
      })
    return await finish(cli, operation, values)
  },
})

type Values = { readonly message?: string | undefined; readonly fresh?: boolean | undefined }

function fromMetadata(client: DirectClient, app: string, folder: string | undefined, { message, fresh }: Values) {
  if (folder !== undefined) throw new UsageError('--metadata sends no folder', 'deploy')
  const body = { ...(message !== undefined && { message }), ...(fresh && { fresh }) }
  return client.call('deployMetadata', { params: { app }, body })
}
