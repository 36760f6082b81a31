import { serve } from '../../rivals/serve.js';
import { makePostedSide } from './posted-side.js';

serve({ ...makePostedSide() });
