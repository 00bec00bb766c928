import type { z } from 'zod'
import type { RuntimeDetail } from '../../contract/runtimes.ts'
import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Show how a runtime finds its apps, its versions, and its file',
  args: 'NAME',
  options: { file: { type: 'boolean', help: 'Print its file alone, as a start for one of your own' } },
  examples: ['berth runtime show node', 'berth runtime show python --file > python.yaml'],
  async run(cli, { args: [name = ''], values }) {
    const client = await cli.client()
    const runtime = await client.call('showRuntime', { params: { runtime: name } })
    return answer(runtime, () => (values.file ? runtime.text.trimEnd().split('\n') : linesOf(runtime)))
  },
})

type Detail = z.output<typeof RuntimeDetail>

function linesOf({ name, summary, origin, files, versions, packages, processes, project }: Detail): string[] {
  const rows = {
    from: origin === 'own' ? 'your operator' : 'Berth',
    'found by': files.join(', '),
    versions: Object.entries(versions)
      .map(([suite, list]) => `${list.join(', ')} (${suite})`)
      .join('; '),
    packages: packages.join(' '),
    processes: processes.join(', '),
    'first commit': Object.keys(project).join(', '),
  }
  const shown = Object.entries(rows).filter(([, value]) => value !== '')
  return [`${name}: ${summary}`, ...shown.map(([key, value]) => `  ${key.padEnd(13)} ${value}`)]
}
