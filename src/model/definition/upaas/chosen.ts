import { refuse } from '../../refusal.ts'
import type { Scope } from '../../variables.ts'
import type { Definition } from '../declared.ts'
import type { Place } from '../place.ts'
import { metadataFileNames, ownMetadata } from './names.ts'
import { readMetadata } from './readMetadata.ts'

/** Those of the app itself, else those of the repository. Their variables are for the build's actions and for the app. */
export function metadataOf(read: <T>(file: string, reader: (place: Place) => T) => T | undefined): Partial<Definition> {
  const own = read(ownMetadata, readMetadata)
  const [first, second] = own ? [] : metadataFileNames.flatMap((name) => read(name, readMetadata) ?? [])
  if (first && second) refuse('SOURCE', `it has both ${first.file} and ${second.file}; keep one`)
  const metadata = own ?? first
  if (!metadata) return {}
  const both = Object.keys(metadata.env).map((name): [string, Scope] => [name, 'both'])
  return { metadata, env: metadata.env, scopes: Object.fromEntries(both) }
}
