import { serve } from '../../rivals/serve.js';
import { makeByHandSide } from './by-hand-side.js';

serve({ ...makeByHandSide() });
