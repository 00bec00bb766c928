import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { type Checked, checkDefinition } from '../../model/definition/check.ts'
import { refuse } from '../../model/refusal.ts'
import { Facts } from '../../runtime/facts.ts'
import { definitionFiles } from '../../runtime/project.ts'
import { answer, define } from '../command.ts'
import { filesIn } from '../folderFiles.ts'

export const command = define({
  summary: 'Check what a folder says of itself: berth.yaml, Procfile, Compose file and the others',
  args: '[FOLDER|FILE]',
  about:
    'Needs no server. Prints each mistake with file, line and column, and in warnings what Berth would leave out. Exits with 1\n' +
    'when there is a mistake, so it can stand in a pipeline. Of a FILE, only what is said of that file is printed.',
  examples: ['berth definition check', 'berth definition check ./my-app', 'berth definition check berth.yaml --json'],
  async run(cli, { args: [what = '.'] }) {
    const path = resolve(cli.cwd, what)
    const found = await stat(path).catch(() => refuse('INVALID', what, 'no such file or folder'))
    const folder = found.isDirectory() ? path : dirname(path)
    const files = await filesIn(folder)
    const checked = checkDefinition(await definitionFiles(new Facts(files)), files)
    const shown = found.isDirectory() ? checked : onlyOf(basename(path), checked)
    return answer(shown, () => linesOf(what, shown), shown.errors.length > 0 ? 1 : 0)
  },
})

function onlyOf(file: string, { files, errors, warnings }: Checked): Checked {
  const ofFile = (message: string) => message.startsWith(`${file}:`)
  if (!files.includes(file)) refuse('INVALID', file, 'no definition file that Berth reads here')
  return { files: [file], errors: errors.filter(ofFile), warnings: warnings.filter(ofFile) }
}

function linesOf(what: string, { files, errors, warnings }: Checked): string[] {
  const verdict =
    errors.length > 0 ? [] : [files.length > 0 ? `${files.join(', ')}: no mistake` : `${what} has no definition file`]
  return [...errors, ...warnings.map((warning) => `warning: ${warning}`), ...verdict]
}
