import {
  type DefinitionFiles,
  definitionFileNames,
  definitionPaths,
  readDefinition,
} from '../../model/definition/definition.ts'
import { hooksOf, isHookPath } from '../../model/definition/upscale/hooks.ts'
import { printable } from '../../model/printable.ts'
import { refuse } from '../../model/refusal.ts'
import { authorOf } from './describe.ts'
import { ended, type GitOptions, git, startGit } from './gitProcess.ts'

/** A commit as the git front needs it. `options` sees objects that are still in quarantine. */
export type Source = {
  readonly commit: string
  readonly subject: string
  readonly author: string | undefined
  readonly warnings: readonly string[]
}

export type SourceLimits = { readonly maxSourceBytes: number; readonly maxFiles: number }

/** Looks at everything that can be refused before a ref moves; throws the refusal. `part` is the folder that is built. */
export async function readSource(
  commit: string,
  limits: SourceLimits,
  options: GitOptions,
  part = '',
): Promise<Source> {
  const prefix = part === '' ? `${commit}:` : `${commit}:${part}/`
  if (part !== '') await refuseNoFolder(commit, part, options)
  const [blobs, tree] = await Promise.all([
    readBlobs(commit, prefix, options),
    surveyTree(part === '' ? commit : `${commit}:${part}`, limits, options),
  ])
  await checkDefinition(blobs.files, prefix, options)
  hooksOf(tree.hooks.files, tree.hooks.paths)
  return {
    commit,
    subject: subjectOf(blobs.commit),
    author: authorOf(blobs.commit),
    warnings: [...submoduleWarnings(tree.submodules), ...lfsWarnings(blobs.files['.gitattributes'])],
  }
}

type Blobs = { readonly commit: string; readonly files: DefinitionFiles }

const mostBytes = 128 * 1024
const wantedFiles = [...definitionFileNames, '.gitattributes'] as const

async function refuseNoFolder(commit: string, part: string, options: GitOptions) {
  const [found] = parseBatch(await git(['cat-file', '--batch-check'], { ...options, input: `${commit}:${part}\n` }))
  if (found?.type !== 'tree') refuse('SOURCE', `there is no folder ${part} in ${commit.slice(0, 7)}`)
}

async function readBlobs(commit: string, prefix: string, options: GitOptions): Promise<Blobs> {
  const [head, ...found] = await readObjects([commit, ...wantedFiles.map((file) => `${prefix}${file}`)], options)
  if (head?.type !== 'commit') return refuse('SOURCE', `${commit.slice(0, 7)} is not a commit`)
  return { commit: head.text, files: textsOf(wantedFiles, found) }
}

/** One process for all; it is stopped when what it says is more than all of them may be. */
async function readObjects(names: readonly string[], options: GitOptions): Promise<Entry[]> {
  const input = names.map((name) => `${name}\n`).join('')
  const found = parseBatch(await git(['cat-file', '--batch'], { ...options, input, limit: names.length * mostBytes }))
  const large = found.findIndex(({ size }) => size > mostBytes)
  const [, path] = /:(.*)$/s.exec(names[large] ?? '') ?? []
  if (large >= 0) refuse('TOO_LARGE', path ?? 'the commit itself', `${mostBytes / 1024} KiB`)
  return found
}

const textsOf = (paths: readonly string[], found: readonly Entry[]): DefinitionFiles =>
  Object.fromEntries(
    paths.map((path, index) => [path, found[index]?.type === 'blob' ? found[index].text : undefined] as const),
  )

type Entry = { readonly type: string; readonly size: number; readonly text: string }

/** `<id> <type> <size>\n<content>\n`, or `<name> missing\n`; the last one may have been cut off. */
function parseBatch(output: Buffer): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at)
    if (end < 0) break
    const [, type = 'missing', digits] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(output.toString('latin1', at, end)) ?? []
    const size = Number(digits ?? 0)
    entries.push({ type, size, text: output.toString('utf8', end + 1, end + 1 + size) })
    at = digits === undefined ? end + 1 : end + size + 2
  }
  return entries
}

/** With the files that it names. Its warnings are the build's to say. */
async function checkDefinition(first: DefinitionFiles, prefix: string, options: GitOptions): Promise<void> {
  let files = first
  for (let paths = definitionPaths(files); paths.length > 0; paths = definitionPaths(files)) {
    const found = await readObjects(
      paths.map((path) => `${prefix}${path}`),
      options,
    )
    files = { ...files, ...textsOf(paths, found) }
  }
  readDefinition(files)
}

/** The first line of the message, as a terminal may show it. */
function subjectOf(commit: string): string {
  const message = commit.slice(commit.indexOf('\n\n') + 2)
  return printable(message.trimStart().split('\n', 1)[0] ?? '').slice(0, 200)
}

type Survey = { files: number; bytes: number; submodules: string[]; hooks: { files: string[]; paths: string[] } }

/** Walks the tree as git lists it and stops at the limits: trees can be made to unfold for ever. */
async function surveyTree(commit: string, limits: SourceLimits, options: GitOptions): Promise<Survey> {
  const child = startGit(['ls-tree', '-r', '-l', '-z', '--full-tree', commit], {
    ...options,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const survey: Survey = { files: 0, bytes: 0, submodules: [], hooks: { files: [], paths: [] } }
  const over = ended(child)
  let rest = ''
  for await (const chunk of child.stdout?.setEncoding('latin1') ?? []) {
    const entries = `${rest}${chunk}`.split('\0')
    rest = entries.pop() ?? ''
    for (const entry of entries) count(survey, entry)
    if (isTooLarge(survey, limits)) child.kill('SIGKILL')
  }
  const code = await over
  refuseTooLarge(survey, limits)
  if (code !== 0) refuse('SOURCE', `the files of ${commit.slice(0, 7)} cannot be read`)
  return survey
}

const linkMode = '120000'

function count(survey: Survey, entry: string) {
  const [meta = '', path = ''] = entry.split('\t')
  const [mode, type, , size] = meta.split(/ +/)
  if (isHookPath(path)) {
    survey.hooks.paths.push(path)
    if (mode !== linkMode) survey.hooks.files.push(path)
  }
  survey.files += 1
  survey.bytes += Number(size) || 0
  if (type === 'commit') survey.submodules.push(Buffer.from(path, 'latin1').toString('utf8'))
}

const isTooLarge = ({ files, bytes }: Survey, { maxFiles, maxSourceBytes }: SourceLimits) =>
  files > maxFiles || bytes > maxSourceBytes

function refuseTooLarge(survey: Survey, { maxFiles, maxSourceBytes }: SourceLimits) {
  if (survey.files > maxFiles) refuse('TOO_LARGE', 'the tree of this commit', `${maxFiles} files`)
  if (survey.bytes > maxSourceBytes)
    refuse('TOO_LARGE', 'the files of this commit', `${Math.round(maxSourceBytes / 2 ** 20)} MiB`)
}

const submoduleWarnings = (paths: readonly string[]) =>
  paths
    .slice(0, 10)
    .map(
      (path) =>
        `${JSON.stringify(printable(path))} is a submodule: its files are not part of a push, so the build finds an empty folder`,
    )

const lfsWarnings = (attributes = '') =>
  /\bfilter=lfs\b/.test(attributes)
    ? ['.gitattributes names Git LFS: large files are not part of a push, so the build finds their pointer files']
    : []
