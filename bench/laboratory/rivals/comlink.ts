import { serve } from '../../rivals/serve.js';
import { makeComlinkSide } from './comlink-side.js';

serve({ ...makeComlinkSide() });
