import 'heddle';
