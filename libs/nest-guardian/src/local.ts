export { DatabaseClauses } from './module/database-clauses.js';
export { optionsFromEnvironment } from './module/environment.js';
export { local, type LocalOptions } from './module/local.js';
export { authEntities } from './persistence/auth-entities.js';
export { embeddedDataSourceOptions, type EmbeddedChoice } from './persistence/embedded-database.js';
export { type DatabasePlace, prepareDatabase } from './persistence/prepare-database.js';
export { UserEntity } from './persistence/entities/user.entity.js';
