import type { EndpointName } from '../../contract/endpoints.ts'
import { route as addDomain } from './endpoints/addDomain.ts'
import { route as addKey } from './endpoints/addKey.ts'
import { route as addRegistry } from './endpoints/addRegistry.ts'
import { route as addToPipeline } from './endpoints/addToPipeline.ts'
import { route as appLogs } from './endpoints/appLogs.ts'
import { route as approvePreview } from './endpoints/approvePreview.ts'
import { route as attachRun } from './endpoints/attachRun.ts'
import { route as buildStack } from './endpoints/buildStack.ts'
import { route as cancelBuild } from './endpoints/cancelBuild.ts'
import { route as cancelOperation } from './endpoints/cancelOperation.ts'
import { route as cancelUpgrade } from './endpoints/cancelUpgrade.ts'
import { route as changeEnv } from './endpoints/changeEnv.ts'
import { route as changePassword } from './endpoints/changePassword.ts'
import { route as changeScale } from './endpoints/changeScale.ts'
import { route as changeTeamLimits } from './endpoints/changeTeamLimits.ts'
import { route as changeUser } from './endpoints/changeUser.ts'
import { route as cloneApp } from './endpoints/cloneApp.ts'
import { route as continueUpload } from './endpoints/continueUpload.ts'
import { route as createApp } from './endpoints/createApp.ts'
import { route as createHook } from './endpoints/createHook.ts'
import { route as createPipeline } from './endpoints/createPipeline.ts'
import { route as createPreview } from './endpoints/createPreview.ts'
import { route as createRelease } from './endpoints/createRelease.ts'
import { route as createRun } from './endpoints/createRun.ts'
import { route as createTeam } from './endpoints/createTeam.ts'
import { route as createToken } from './endpoints/createToken.ts'
import { route as createUpgrade } from './endpoints/createUpgrade.ts'
import { route as createUpload } from './endpoints/createUpload.ts'
import { route as createUser } from './endpoints/createUser.ts'
import { route as deleteBuild } from './endpoints/deleteBuild.ts'
import { route as deploy } from './endpoints/deploy.ts'
import { route as deployImage } from './endpoints/deployImage.ts'
import { route as deployImageFile } from './endpoints/deployImageFile.ts'
import { route as deployMetadata } from './endpoints/deployMetadata.ts'
import { route as deploySource } from './endpoints/deploySource.ts'
import { route as deployUpload } from './endpoints/deployUpload.ts'
import { route as destroyApp } from './endpoints/destroyApp.ts'
import { route as downloadBuild } from './endpoints/downloadBuild.ts'
import { route as health } from './endpoints/health.ts'
import { route as listAppOperations } from './endpoints/listAppOperations.ts'
import { route as listApps } from './endpoints/listApps.ts'
import { route as listBuilds } from './endpoints/listBuilds.ts'
import { route as listDeliveries } from './endpoints/listDeliveries.ts'
import { route as listDomains } from './endpoints/listDomains.ts'
import { route as listEnv } from './endpoints/listEnv.ts'
import { route as listEvents } from './endpoints/listEvents.ts'
import { route as listHooks } from './endpoints/listHooks.ts'
import { route as listInstances } from './endpoints/listInstances.ts'
import { route as listKeys } from './endpoints/listKeys.ts'
import { route as listMembers } from './endpoints/listMembers.ts'
import { route as listOperations } from './endpoints/listOperations.ts'
import { route as listPipelines } from './endpoints/listPipelines.ts'
import { route as listPreviews } from './endpoints/listPreviews.ts'
import { route as listRegistries } from './endpoints/listRegistries.ts'
import { route as listReleases } from './endpoints/listReleases.ts'
import { route as listRuntimes } from './endpoints/listRuntimes.ts'
import { route as listStacks } from './endpoints/listStacks.ts'
import { route as listTeamEvents } from './endpoints/listTeamEvents.ts'
import { route as listTeams } from './endpoints/listTeams.ts'
import { route as listTokens } from './endpoints/listTokens.ts'
import { route as listUpgrades } from './endpoints/listUpgrades.ts'
import { route as listUsers } from './endpoints/listUsers.ts'
import { route as login } from './endpoints/login.ts'
import { route as logout } from './endpoints/logout.ts'
import { route as operationLog } from './endpoints/operationLog.ts'
import { route as packageStorage } from './endpoints/packageStorage.ts'
import { route as pinBuild } from './endpoints/pinBuild.ts'
import { route as platformStatus } from './endpoints/platformStatus.ts'
import { route as promote } from './endpoints/promote.ts'
import { route as receiveHook } from './endpoints/receiveHook.ts'
import { route as removeDomain } from './endpoints/removeDomain.ts'
import { route as removeFromPipeline } from './endpoints/removeFromPipeline.ts'
import { route as removeHook } from './endpoints/removeHook.ts'
import { route as removeKey } from './endpoints/removeKey.ts'
import { route as removeMember } from './endpoints/removeMember.ts'
import { route as removePipeline } from './endpoints/removePipeline.ts'
import { route as removePreview } from './endpoints/removePreview.ts'
import { route as removeRegistry } from './endpoints/removeRegistry.ts'
import { route as removeSource } from './endpoints/removeSource.ts'
import { route as removeToken } from './endpoints/removeToken.ts'
import { route as restart } from './endpoints/restart.ts'
import { route as retryBuild } from './endpoints/retryBuild.ts'
import { route as rollback } from './endpoints/rollback.ts'
import { route as setAppStack } from './endpoints/setAppStack.ts'
import { route as setMember } from './endpoints/setMember.ts'
import { route as setMetadata } from './endpoints/setMetadata.ts'
import { route as setPreviewRules } from './endpoints/setPreviewRules.ts'
import { route as setSource } from './endpoints/setSource.ts'
import { route as showApp } from './endpoints/showApp.ts'
import { route as showAppStack } from './endpoints/showAppStack.ts'
import { route as showBuild } from './endpoints/showBuild.ts'
import { route as showMetadata } from './endpoints/showMetadata.ts'
import { route as showOperation } from './endpoints/showOperation.ts'
import { route as showPipeline } from './endpoints/showPipeline.ts'
import { route as showPreview } from './endpoints/showPreview.ts'
import { route as showPreviewRules } from './endpoints/showPreviewRules.ts'
import { route as showPromotion } from './endpoints/showPromotion.ts'
import { route as showRelease } from './endpoints/showRelease.ts'
import { route as showRuntime } from './endpoints/showRuntime.ts'
import { route as showScale } from './endpoints/showScale.ts'
import { route as showSource } from './endpoints/showSource.ts'
import { route as showStack } from './endpoints/showStack.ts'
import { route as showTeamLimits } from './endpoints/showTeamLimits.ts'
import { route as showUpgrade } from './endpoints/showUpgrade.ts'
import { route as showUpload } from './endpoints/showUpload.ts'
import { route as stackLog } from './endpoints/stackLog.ts'
import { route as whoami } from './endpoints/whoami.ts'
import type { Route } from './handle.ts'

/** One for each endpoint of the contract: a missing one does not compile. */
export const routes: Readonly<Record<EndpointName, Route>> = {
  health,
  login,
  logout,
  whoami,
  changePassword,
  listApps,
  createApp,
  showApp,
  destroyApp,
  cloneApp,
  showPromotion,
  promote,
  listPipelines,
  createPipeline,
  showPipeline,
  removePipeline,
  addToPipeline,
  removeFromPipeline,
  listPreviews,
  createPreview,
  showPreview,
  removePreview,
  approvePreview,
  showPreviewRules,
  setPreviewRules,
  deploy,
  showSource,
  setSource,
  removeSource,
  deploySource,
  deployImage,
  deployImageFile,
  createUpload,
  showUpload,
  continueUpload,
  deployUpload,
  listRegistries,
  addRegistry,
  removeRegistry,
  listHooks,
  createHook,
  removeHook,
  listDeliveries,
  receiveHook,
  showMetadata,
  setMetadata,
  deployMetadata,
  listBuilds,
  showBuild,
  cancelBuild,
  retryBuild,
  pinBuild,
  deleteBuild,
  downloadBuild,
  createRelease,
  listReleases,
  showRelease,
  rollback,
  restart,
  listEnv,
  changeEnv,
  showScale,
  changeScale,
  listInstances,
  appLogs,
  createRun,
  attachRun,
  listDomains,
  addDomain,
  removeDomain,
  listAppOperations,
  listOperations,
  showOperation,
  operationLog,
  cancelOperation,
  listKeys,
  addKey,
  removeKey,
  listTokens,
  createToken,
  removeToken,
  listTeams,
  createTeam,
  listMembers,
  setMember,
  showTeamLimits,
  changeTeamLimits,
  removeMember,
  listTeamEvents,
  listUsers,
  createUser,
  changeUser,
  listEvents,
  platformStatus,
  packageStorage,
  listRuntimes,
  showRuntime,
  listStacks,
  showStack,
  buildStack,
  stackLog,
  showAppStack,
  setAppStack,
  createUpgrade,
  listUpgrades,
  showUpgrade,
  cancelUpgrade,
}
