import {
  type Definition,
  type DefinitionFiles,
  definitionFileNames,
  readDefinition,
} from '../../model/definition/definition.ts'
import { printable } from '../../model/printable.ts'
import { refuse } from '../../model/refusal.ts'
import { ended, type GitOptions, git, startGit } from './gitProcess.ts'

/** A commit as the git front needs it. `options` sees objects that are still in quarantine. */
export type Source = { readonly commit: string; readonly subject: string; readonly warnings: readonly string[] }

export type SourceLimits = { readonly maxSourceBytes: number; readonly maxFiles: number }

/** Looks at everything that can be refused before a ref moves; throws the refusal. */
export async function readSource(commit: string, limits: SourceLimits, options: GitOptions): Promise<Source> {
  const [blobs, tree] = await Promise.all([readBlobs(commit, options), surveyTree(commit, limits, options)])
  const definition = checkedDefinition(blobs)
  return {
    commit,
    subject: subjectOf(blobs.commit),
    warnings: [...submoduleWarnings(tree.submodules), ...lfsWarnings(blobs['.gitattributes']), ...definition.warnings],
  }
}

type Blobs = DefinitionFiles & { commit: string; '.gitattributes'?: string }

const mostBytes = 128 * 1024
const wantedFiles = [...definitionFileNames, '.gitattributes'] as const

/** One process for all: first sizes, so that nothing large is ever read, then contents. */
async function readBlobs(commit: string, options: GitOptions): Promise<Blobs> {
  const names = wantedFiles.map((file) => `${commit}:${file}`)
  const sizes = parseSizes(await git(['cat-file', '--batch-check'], { ...options, input: lines([commit, ...names]) }))
  const [head, ...files] = sizes
  if (head?.type !== 'commit') return refuse('SOURCE', `${commit.slice(0, 7)} is not a commit`)
  const present = wantedFiles.filter((_, index) => files[index]?.type === 'blob')
  const large = present.find((file) => (files[wantedFiles.indexOf(file)]?.size ?? 0) > mostBytes)
  if (large) refuse('TOO_LARGE', large, `${mostBytes / 1024} KiB`)
  if (head.size > mostBytes)
    refuse('TOO_LARGE', `the message of commit ${commit.slice(0, 7)}`, `${mostBytes / 1024} KiB`)
  const wanted = [commit, ...present.map((file) => `${commit}:${file}`)]
  const contents = parseContents(await git(['cat-file', '--batch'], { ...options, input: lines(wanted) }))
  return { commit: contents[0] ?? '', ...Object.fromEntries(present.map((file, index) => [file, contents[index + 1]])) }
}

const lines = (names: readonly string[]) => names.map((name) => `${name}\n`).join('')

function parseSizes(output: Buffer): { type: string; size: number }[] {
  return output
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, type = 'missing', size = '0'] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(line) ?? []
      return { type, size: Number(size) }
    })
}

/** `<id> <type> <size>\n<content>\n` for each. */
function parseContents(output: Buffer): string[] {
  const contents: string[] = []
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at)
    const size = Number(output.toString('latin1', at, end).split(' ')[2])
    contents.push(output.toString('utf8', end + 1, end + 1 + size))
    at = end + size + 2
  }
  return contents
}

function checkedDefinition({ commit: _, '.gitattributes': __, ...files }: Blobs): Definition {
  return readDefinition(files)
}

/** The first line of the message, as a terminal may show it. */
function subjectOf(commit: string): string {
  const message = commit.slice(commit.indexOf('\n\n') + 2)
  return printable(message.trimStart().split('\n', 1)[0] ?? '').slice(0, 200)
}

type Survey = { files: number; bytes: number; submodules: string[] }

/** Walks the tree as git lists it and stops at the limits: trees can be made to unfold for ever. */
async function surveyTree(commit: string, limits: SourceLimits, options: GitOptions): Promise<Survey> {
  const child = startGit(['ls-tree', '-r', '-l', '-z', '--full-tree', commit], {
    ...options,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const survey: Survey = { files: 0, bytes: 0, submodules: [] }
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

function count(survey: Survey, entry: string) {
  const [meta = '', path = ''] = entry.split('\t')
  const [, type, , size] = meta.split(/ +/)
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
