import { deployImage } from '../../../contract/deploys.ts'
import { imageReference } from '../../../model/imageReference.ts'
import { refuse } from '../../../model/refusal.ts'
import { requestOperation } from '../../store/operations.ts'
import { putRegistry } from '../../store/registries.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(deployImage, async ({ store }, call) => {
  const { image, username, password } = call.body
  if ((username === undefined) !== (password === undefined)) refuse('INVALID', 'password', 'goes with a username')
  const source = { kind: 'image', image } as const
  const row = await call.write('operations', async (tx) => {
    const app = await authorizedApp(tx, call)
    if (username !== undefined && password !== undefined) {
      const { server } = imageReference(image)
      const sealed = store.cipher.seal(password)
      await putRegistry(tx, { team_id: app.team_id, app_id: app.id, server, username, password: sealed })
    }
    return await requestOperation(tx, app, { kind: 'deploy', source, commit: null, message: '' }, call.actor.name)
  })
  return operationView(row)
})
