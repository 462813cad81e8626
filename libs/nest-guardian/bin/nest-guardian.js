#!/usr/bin/env node
import { main } from '../dist/command/main.js';

void main(process.argv.slice(2));
