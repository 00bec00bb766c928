import { readDefinition } from '../../model/definition/definition.ts'
import { ownMetadata } from '../../model/definition/upaas/names.ts'
import { interpreterOf } from '../../runtime/interpreted.ts'
import type { ApiContext } from './context.ts'

/** Refuses metadata that no build could use; gives what is to be known of the others. */
export function warningsOfMetadata({ runtimes }: ApiContext, text: string): readonly string[] {
  const { metadata, warnings } = readDefinition({ [ownMetadata]: text })
  if (metadata) interpreterOf(metadata, runtimes())
  return warnings
}
