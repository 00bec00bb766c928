import { showMetadata } from '../../../contract/metadata.ts'
import { metadataOfApp } from '../../store/metadata.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'

/** Read as a change is, so that it is noted who saw it: people write passwords into it. */
export const route = handle(showMetadata, ({ store }, call) =>
  call.write([], async (tx) => {
    const app = await authorizedApp(tx, call)
    return { text: (await metadataOfApp(tx, store.cipher, app.id)) ?? null, warnings: [] }
  }),
)
