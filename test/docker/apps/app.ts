import type { browse } from '../../harness/browser.ts'
import type { Database } from '../../harness/mariadb.ts'

export type Site = ReturnType<typeof browse>

/** Where code comes from, besides metadata. */
export type Way = 'git push' | 'folder' | 'zip file' | 'repository' | 'image file'

/** An application that nobody here wrote. */
export type App = {
  readonly name: string
  /** Puts what its authors wrote, unchanged, and what its owner adds, into the folder. */
  readonly tree: (folder: string) => Promise<void>
  /** In the log of its first build. */
  readonly builds: RegExp
  /** How it is deployed at first, and in another way. */
  readonly ways: readonly [Way, Way | { readonly metadata: string }]
  readonly env?: (database: Database) => Record<string, string>
  /** Run once, in a container of the first release. */
  readonly once?: readonly string[]
  /** What a person does once, after that. */
  readonly install?: (site: Site) => Promise<void>
  /** A page that proves that it works; again after every change. */
  readonly serves: (site: Site, database: Database) => Promise<void>
}
