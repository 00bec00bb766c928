/** What runtimes look at: the files of a repository, wherever they are kept. */
export type Files = {
  /** Paths of all files, in the order in which patterns try them. */
  readonly files: readonly string[]
  /** Paths of everything there is: files, folders and links. */
  readonly paths: ReadonlySet<string>
  /** A file's text, or nothing when there is no such file. */
  readonly text: (path: string) => Promise<string | undefined>
}

/** Files given with their content. */
export function filesFrom(contents: Readonly<Record<string, string>>): Files {
  const files = Object.keys(contents)
  const folders = files.flatMap((path) => parentsOf(path))
  return { files, paths: new Set([...folders, ...files]), text: async (path) => ownOf(contents, path) }
}

const ownOf = (contents: Readonly<Record<string, string>>, path: string) =>
  Object.hasOwn(contents, path) ? contents[path] : undefined

/** The folders that a path lies in. */
export function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
