/** Where the app lives in its image, as uPaaS had it. */
export const appHome = '/home/app'

/** Commands for a shell, one after the other. */
export type Script = readonly string[]

export const revisionParts = ['id', 'author', 'date', 'description', 'changelog'] as const
export type RevisionPart = (typeof revisionParts)[number]

/** Actions that metadata may give; each replaces the interpreter's own. */
export const actionNames = ['before', 'main', 'after'] as const
export type ActionName = (typeof actionNames)[number]

type Variables = Readonly<Record<string, string>>
export type Position = { readonly line: number; readonly column: number }

export type OsPackages = {
  readonly distribution: string
  /** Of one release of it alone. */
  readonly version?: string
  readonly packages: readonly string[]
}

/** Metadata of uPaaS, as it was written; nothing is chosen yet. */
export type Metadata = {
  /** The file that it stands in, for those who are told of a mistake. */
  readonly file: string
  readonly os: readonly OsPackages[]
  readonly interpreter: {
    readonly type: string
    readonly typeAt: Position
    readonly versions: readonly string[]
    readonly versionsAt: Position
    readonly settings: Variables
  }
  readonly repository: {
    readonly env: Variables
    readonly clone: Script
    readonly update: Script
    readonly revision: Readonly<Partial<Record<RevisionPart, string>>>
  }
  readonly env: Variables
  readonly actions: Readonly<Partial<Record<ActionName, Script>>>
  /** Absolute paths. */
  readonly files: Readonly<Record<string, string>>
  /** `option = value`, the unsafe ones still among them. */
  readonly uwsgi: readonly string[]
}
