import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { createApplication } from './create-application.js';

const application = await createApplication();
const port = process.env.PORT ?? 3000;
await application.listen(port);
new Logger('Notes').log(`Open http://localhost:${port}`);
