import { setMetadata } from '../../../contract/metadata.ts'
import { setMetadataOfApp } from '../../store/metadata.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { warningsOfMetadata } from '../readMetadata.ts'

export const route = handle(setMetadata, (ctx, call) =>
  call.write('apps', async (tx) => {
    const app = await authorizedApp(tx, call)
    const { text } = call.body
    const warnings = text === null ? [] : [...warningsOfMetadata(ctx, text)]
    await setMetadataOfApp(tx, ctx.store.cipher, app.id, text)
    return { text, warnings }
  }),
)
