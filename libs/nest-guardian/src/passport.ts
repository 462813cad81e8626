export { GoTrueStrategy, JwtStrategy } from './passport/strategies.js';
