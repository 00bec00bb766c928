import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { pack } from '../pack.ts'
import { describeSource } from '../source.ts'
import { counted } from '../upload.ts'

export const command = define({
  summary: 'Deploy a folder',
  args: '[FOLDER]',
  app: true,
  options: {
    message: { type: 'string', short: 'm', value: 'TEXT', help: 'What it is (default: the last commit)' },
    ...detachOption,
  },
  about:
    'Sends what git sees in FOLDER (this one unless named), changes that are not committed included and ignored files not;\n' +
    'without git, all of it. .berthignore, written like .gitignore, leaves out more.',
  examples: ['berth deploy', 'berth deploy ./site -a blog -m "New front page"'],
  async run(cli, { args: [folder = '.'], values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const message = values.message ?? (await describeSource(folder))
    const packed = await pack(folder)
    const upload = { type: 'application/gzip', bytes: counted(packed) } as const
    const operation = await client.upload('deploy', { params: { app }, query: { message } }, upload).catch((error) => {
      throw packed.errored ?? error
    })
    return await finish(cli, operation, values)
  },
})
