import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { refuse } from '../../model/refusal.ts'
import { type Files, filesFrom } from '../../runtime/files.ts'
import { type Known, runtimesIn } from '../../runtime/known.ts'
import type { Plan } from '../../runtime/plan.ts'
import { chosenFor, namedProject, planFor, projectOf } from '../../runtime/project.ts'
import { readRuntime } from '../../runtime/read.ts'
import type { Runtime } from '../../runtime/schema.ts'
import { answer, define } from '../command.ts'
import { filesIn } from '../folderFiles.ts'

export const command = define({
  summary: "Check a runtime's file, and say what it would do with a folder",
  args: 'FILE [FOLDER]',
  about:
    'Needs no server. Without FOLDER, the first commit in the file is tried, if it has one. Exits with 1 when the file is\n' +
    'wrong, or when another runtime, or none, would take the folder.',
  examples: ['berth runtime check lua.yaml', 'berth runtime check lua.yaml ./my-app --json'],
  async run(cli, { args: [file = '', folder] }) {
    const text = await readFile(resolve(cli.cwd, file), 'utf8').catch(() => refuse('INVALID', file, 'no such file'))
    const runtime = readRuntime(file, text)
    const known = knownWith(runtime, text)
    const tried = await triedWith(runtime, known, folder)
    const checked = { name: runtime.name, title: runtime.title, order: runtime.order, tried }
    return answer(
      checked,
      () => linesOf(basename(file), runtime, tried),
      tried && tried.takenBy !== runtime.name ? 1 : 0,
    )
  },
})

/** What comes with Berth, and this one. */
function knownWith(runtime: Runtime, text: string): Known {
  const others = runtimesIn().listed.filter((listed) => listed.runtime.name !== runtime.name)
  const listed = [...others, { runtime, origin: 'own', text } as const]
  return { listed: listed.toSorted((a, b) => a.runtime.order - b.runtime.order), broken: [] }
}

async function triedWith(runtime: Runtime, known: Known, folder: string | undefined) {
  const project = folder === undefined ? namedProject(await projectOf(runtime, known), 'app') : {}
  if (folder !== undefined) return tried(folder, await filesIn(folder), runtime, known)
  return Object.keys(project).length > 0 ? tried('its first commit', filesFrom(project), runtime, known) : undefined
}

async function tried(what: string, files: Files, runtime: Runtime, known: Known) {
  const [suite] = Object.keys(runtime.version?.packaged ?? {})
  const takenBy = await chosenFor(files, known)
  return { what, takenBy: takenBy ?? null, ...planned(await planFor(files, runtime, suite)), ...(suite && { suite }) }
}

const planned = ({ packaged, asked, packages, finalPackages, before, install, build, processes }: Plan) => ({
  version: packaged?.version ?? asked?.range ?? null,
  ...(packaged?.warning && { warning: packaged.warning }),
  packages: packages.flat(),
  ...(finalPackages && { finalPackages: finalPackages.flat() }),
  steps: [...before, ...install, ...build].map(({ title }) => title),
  processes: processes.map(({ name, command }) => ({ name, command: [...command] })),
})

type Tried = Awaited<ReturnType<typeof tried>>

function linesOf(file: string, { title, order }: Runtime, found: Tried | undefined): string[] {
  const fine = `${file} is fine: ${title}, order ${order}`
  if (!found) return [fine, 'Give a folder to see what would be done with it.']
  const { takenBy, what, version, suite, packages, finalPackages, steps, processes, warning } = found
  const rows: [key: string, value: string | null | undefined][] = [
    ['version', version && suite ? `${version} (${suite})` : version],
    ['packages', packages.join(' ')],
    ['to run', finalPackages?.join(' ')],
    ...steps.map((step): [string, string] => ['step', step]),
    ...processes.map(({ name, command }): [string, string] => [name, command.join(' ')]),
    ['note', warning],
  ]
  const shown = rows.filter(([, value]) => value).map(([key, value]) => `  ${key.padEnd(9)} ${value}`)
  return [fine, `${what} would be built by ${takenBy ?? 'nothing: no runtime finds it'}; with this file:`, ...shown]
}
