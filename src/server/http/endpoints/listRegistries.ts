import { listRegistries } from '../../../contract/registries.ts'
import { registriesOf } from '../../store/registries.ts'
import { authorizedTeam } from '../authorized.ts'
import { handle } from '../handle.ts'
import { registryView } from '../views/registry.ts'

export const route = handle(listRegistries, ({ store }, call) =>
  store.read(async (tx) => (await registriesOf(tx, (await authorizedTeam(tx, call)).id)).map(registryView)),
)
