import { readFile } from 'node:fs/promises'
import { refuse } from '../../model/refusal.ts'
import { define } from '../command.ts'
import { parseDotenv } from '../dotenv.ts'
import { changeOptions, changeVariables, scopeAsked, scopeOptions } from '../env.ts'
import { readStdin } from '../prompt.ts'

export const command = define({
  summary: 'Set variables from a file of NAME=value lines: one new release',
  args: '[FILE]',
  app: true,
  options: {
    secret: { type: 'boolean', help: 'Values that can never be read again' },
    ...scopeOptions,
    ...changeOptions,
  },
  about:
    'The format is that of dotenv files; nothing in it is expanded. FILE is .env unless named; - is standard input. A comment "# scope: build" (or both, or run) says who sees the variables behind it.',
  examples: ['berth env import -a blog', 'berth env export -a blog | berth env import - -a blog-staging'],
  async run(cli, { args: [file = '.env'], values }) {
    const { secret = false } = values
    const asked = scopeAsked(values, 'env import')
    const text =
      file === '-'
        ? await readStdin()
        : await readFile(file, 'utf8').catch(() =>
            refuse('INVALID', file, 'cannot be read; name another file, or - for standard input'),
          )
    const entries = Object.entries(parseDotenv(text, file === '-' ? 'standard input' : file))
    if (entries.length === 0) refuse('INVALID', file, 'has no variables in it')
    const set = Object.fromEntries(
      entries.map(([name, { value, scope }]) => [name, { value, secret, scope: asked ?? scope }]),
    )
    return await changeVariables(cli, { set }, values)
  },
})
